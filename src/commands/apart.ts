import type { Core } from './core.ts'

/** One merchant's fault is not another's: what failed stays leased, and is due again when its lease ends. */
export async function apart(
  core: Core,
  of: { readonly tenant: number; readonly refund?: string; readonly payment?: string },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (err) {
    core.log.error({ ...of, err }, 'sweep.failed')
  }
}
