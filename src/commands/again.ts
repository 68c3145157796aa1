import { isDatabaseFault, isTaken } from '../store/faults.ts'

/** Of each kind: the connection lost or the work ended, and a number taken in the same moment. */
const TRIES_MAX = 3

/**
 * Does a transaction again that the database ended. Only for work that first looks up its own number under lock: it
 * then finds what an earlier try, or somebody else, has committed, and that is its answer. An error at COMMIT is
 * thereby read back, since the lost transaction holds its locks until its fate is sealed.
 */
export async function againAfterFault<T>(work: () => Promise<T>): Promise<T> {
  let [faults, conflicts] = [0, 0]
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDatabaseFault(error)) throw error
      // Whoever took it has committed, so that the next look finds it: the faults before have no part in that.
      const times = isTaken(error) ? (conflicts += 1) : (faults += 1)
      if (times === TRIES_MAX) throw error
    }
  }
}
