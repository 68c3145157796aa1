/**
 * The till as shops' devices can run it. Android 7.1 tills ship old WebViews: syntax and styles are lowered to Chrome 69
 * and missing functions filled in, in one build for all, so that what is tested is what runs everywhere.
 */
import { join } from 'node:path'
import legacy from '@vitejs/plugin-legacy'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { CHROME_FLOOR } from './floor.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/till/',
  plugins: [
    react(),
    {
      name: 'floor',
      transformIndexHtml: (html) => html.replaceAll('%CHROME_FLOOR%', String(CHROME_FLOOR)),
    },
    legacy({
      modernTargets: [`chrome ${CHROME_FLOOR}`],
      modernPolyfills: true,
      renderLegacyChunks: false,
    }),
  ],
  build: {
    outDir: join(import.meta.dirname, '../dist/till'),
    emptyOutDir: true,
    cssTarget: `chrome${CHROME_FLOOR}`,
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
