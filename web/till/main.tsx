/** The till's start: language, data, screens. */
import '../shared/tokens.css'
import '../shared/base.css'
import './till.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLanguage } from '../shared/language.ts'
import { keepApp } from './offline/version.ts'
import { queryClient } from './queries.ts'
import { router } from './routes.tsx'
import { en } from './texts/en.ts'
import { zh } from './texts/zh.ts'

async function start(root: HTMLElement): Promise<void> {
  await startLanguage({ zh, en })
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
// The page has said so by itself.
if (!document.documentElement.hasAttribute('data-too-old')) {
  void start(root)
  // After what the first screen needs: a slow network carries one thing at a time.
  addEventListener('load', () => void keepApp().catch(() => undefined))
}
