import { isDatabaseFault } from '../store/faults.ts'

/** Enough for a number taken in the same moment, a deadlock, and a connection lost in between. */
const TRIES_MAX = 3

/**
 * Does a transaction again that the database ended. Only for work that first looks up its own number under lock: it
 * then finds what an earlier try, or somebody else, has committed, and that is its answer. An error at COMMIT is
 * thereby read back, since the lost transaction holds its locks until its fate is sealed.
 */
export async function againAfterFault<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === TRIES_MAX || !isDatabaseFault(error)) throw error
    }
  }
}
