/** Answers of the server kept on the device, for when it does not answer: to be read, never to be acted on. */
import { useQuery } from '@tanstack/react-query'
import { Unanswered } from '../shared/api.ts'
import { currentLanguage } from '../shared/language.ts'
import { tell } from './session.ts'

export type Kept<Answer> = {
  readonly answer: Answer
  /** When it was answered, if it is not of now. */
  readonly keptAt: string | null
}

/** While the server does not answer. */
const AGAIN_MS = 5_000

/** @param path below `/v1`; answers carry sentences, so each language has its own copy. */
export const useKept = <Answer>(path: string) =>
  useQuery({
    queryKey: ['kept', path, currentLanguage()],
    queryFn: () => tellOrKept<Answer>(path),
    staleTime: 60_000,
    // What is kept is told at once; asking goes on behind it.
    refetchInterval: ({ state: { data } }) => (data && data.keptAt !== null ? AGAIN_MS : false),
  })

async function tellOrKept<Answer>(path: string): Promise<Kept<Answer>> {
  const place = `yuanlu.kept.${currentLanguage()}${path}`
  try {
    const answer = await tell<Answer>(path)
    localStorage.setItem(place, JSON.stringify({ answer, keptAt: new Date().toISOString() }))
    return { answer, keptAt: null }
  } catch (error) {
    const kept = localStorage.getItem(place)
    if (error instanceof Unanswered && kept !== null) return JSON.parse(kept) as Kept<Answer>
    throw error
  }
}
