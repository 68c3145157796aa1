/** The sample shop's way into the till: who may sign in, and a code for the device that becomes its terminal. */
import type { Core } from '../commands/core.ts'
import { makeEnrolment } from '../commands/enrol-terminal.ts'
import { setPin } from '../commands/set-pin.ts'
import { systemOf } from '../domain/actor.ts'
import { DEMO_TENANT } from '../main.ts'

/** For everybody to try; production lets nobody of this merchant in. */
const PINS = [
  { staff: 'zhang', says: '张三 收银员 cashier', pin: '4827' },
  { staff: 'li', says: '李店长 店长 supervisor', pin: '7391' },
  { staff: 'wang', says: '王老板 老板 owner', pin: '583014' },
] as const

/** Not the one whose key this program uses: a device that is enrolled takes its terminal's place. */
const TILL = 't2'

/**
 * PINs are set at every start, whatever they were changed to: what is printed has to open the till.
 *
 * @returns the code by which a device becomes the terminal
 */
export async function openTheTill(core: Core): Promise<string> {
  const now = core.clock.now()
  for (const { staff, pin } of PINS) {
    const refusal = await setPin(core, DEMO_TENANT, staff, pin, now)
    if (refusal) throw new Error(`no PIN for ${staff}: ${refusal.code}`)
  }
  const answer = await makeEnrolment(core, systemOf(DEMO_TENANT), TILL, now)
  if (answer.kind === 'refused') throw new Error(`no terminal ${TILL}: ${answer.refusal.code}`)
  return answer.code
}

export const peopleLines = (): string =>
  PINS.map(
    ({ staff, says, pin }) =>
      `  员工 staff           ${staff.padEnd(5)} PIN ${pin.padEnd(6)} ${says}\n`,
  ).join('')
