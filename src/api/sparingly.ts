/** Work that costs somebody else something, done at most once in a while for each key. */

/** Whoever asks in between gets the answer that is being made or was made last. A failure is not kept. */
export function sparingly<T>(
  everyMs: number,
  now: () => number = () => performance.now(),
): (key: string, work: () => Promise<T>) => Promise<T> {
  const made = new Map<string, { readonly at: number; readonly answer: Promise<T> }>()
  return (key, work) => {
    for (const [each, { at }] of made) if (now() - at >= everyMs) made.delete(each)
    const last = made.get(key)
    if (last) return last.answer
    const answer = work()
    made.set(key, { at: now(), answer })
    answer.catch(() => {
      if (made.get(key)?.answer === answer) made.delete(key)
    })
    return answer
  }
}
