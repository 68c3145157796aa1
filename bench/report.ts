/** What a run of the benchmark says: a table for people, one line of JSON for programs. */
import { cpus, totalmem } from 'node:os'
import type { Figures } from './figures.ts'

export type Run = Figures & {
  readonly name: string
  /** Clients at once; of `commands-in-process` the refunds in a batch. */
  readonly clients: number
  /** Requests per second that were begun whatever became of those before; null: as many as were answered. */
  readonly ratePerSecond: number | null
  readonly ratioToFloor: number
  /** How long the last refunds took to settle after the load had ended. */
  readonly drainMs: number
}

export type Report = {
  /** The median of the floor's measurements, which lie before, between and after the runs. */
  readonly floorPerSecond: number
  readonly floors: readonly number[]
  /** Refunds that lay in the tables before. */
  readonly past: number
  /** RSA signatures of one core, which bound what is measured with the sandbox. */
  readonly signaturesPerSecond: number
  readonly machine: Machine
  readonly runs: readonly Run[]
}

export type Machine = {
  readonly cores: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly node: string
  readonly postgres: string
}

const GIB = 1024 ** 3

export function describeMachine(postgres: string): Machine {
  const cores = cpus()
  return {
    cores: cores.length,
    cpu: cores[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / GIB),
    node: process.version,
    postgres,
  }
}

export function asTable(report: Report): string {
  const { machine, floors } = report
  const rows = [
    [
      'run',
      'clients',
      'at rate',
      'refunds/s',
      'of floor',
      'of signing',
      'p50 ms',
      'p99 ms',
      'drain ms',
    ],
    ...report.runs.map((run) => [
      run.name,
      String(run.clients),
      run.ratePerSecond === null ? '' : String(run.ratePerSecond),
      run.perSecond.toFixed(0),
      run.ratioToFloor.toFixed(2),
      run.name === 'sandbox' ? (run.perSecond / report.signaturesPerSecond).toFixed(2) : '',
      run.p50Ms.toFixed(1),
      run.p99Ms.toFixed(1),
      run.drainMs.toFixed(0),
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
  return [
    `${machine.cores} cores ${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}, PostgreSQL ${machine.postgres}`,
    `floor: ${report.floorPerSecond.toFixed(0)} refunds/s (median of ${floors.map((each) => each.toFixed(0)).join(', ')})`,
    `RSA signatures: ${report.signaturesPerSecond.toFixed(0)}/s on one core; refunds of the past: ${report.past}`,
    '',
    ...rows.map(line),
  ].join('\n')
}

/** Whole refunds, hundredths of a ratio and of a millisecond: more digits would say more than was measured. */
export function asJson(report: Report): string {
  const hundredths = (value: number): number => Math.round(value * 100) / 100
  return JSON.stringify({
    floorPerSecond: Math.round(report.floorPerSecond),
    runs: report.runs.map((run) => ({
      name: run.name,
      clients: run.clients,
      ratePerSecond: run.ratePerSecond,
      perSecond: Math.round(run.perSecond),
      ratioToFloor: hundredths(run.ratioToFloor),
      p50Ms: hundredths(run.p50Ms),
      p99Ms: hundredths(run.p99Ms),
      drainMs: Math.round(run.drainMs),
    })),
    floors: report.floors.map(Math.round),
    past: report.past,
    signaturesPerSecond: Math.round(report.signaturesPerSecond),
    machine: report.machine,
  })
}
