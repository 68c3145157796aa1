/**
 * `npm run check`: every gate that needs no database, side by side, one line each. What a gate
 * has to say is printed only if it fails. Exit code 1 if any gate failed.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { availableParallelism } from 'node:os'

type Gate = { readonly name: string; readonly command: readonly [string, ...string[]] }
type Result = { readonly ok: boolean; readonly output: string; readonly tookMs: number }

/** Slowest first, so that the quick ones fill the gaps. */
const GATES: readonly Gate[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'web types', command: ['tsc', '--noEmit', '-p', 'web/tsconfig.json'] },
  { name: 'walls', command: ['vitest', 'run', '--project', 'walls', '--reporter', 'minimal'] },
  { name: 'dead code', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['oxlint'] },
]

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules', '.bin')

function run({ command: [program, ...args] }: Gate): Promise<Result> {
  const started = performance.now()
  return new Promise((resolve) => {
    // The tools' own start lines say `env node`; with BIN first that is the Node of package.json.
    const env = { ...process.env, PATH: `${BIN}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
    const child = spawn(join(BIN, program), args, {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    const end = (ok: boolean, note: string) =>
      resolve({
        ok,
        output: Buffer.concat(chunks).toString('utf8') + note,
        tookMs: performance.now() - started,
      })
    child.on('error', (error) => end(false, `${error.message}\n`))
    child.on('close', (code, signal) => end(code === 0, signal ? `ended by ${signal}\n` : ''))
  })
}

const waiting = [...GATES]
const failed: string[] = []

async function work(): Promise<void> {
  for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
    const { ok, output, tookMs } = await run(gate)
    const seconds = (tookMs / 1000).toFixed(1)
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${gate.name.padEnd(9)} ${seconds} s`)
    if (ok) continue
    failed.push(gate.name)
    console.log(`${output.trimEnd()}\n`)
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work))
console.log(failed.length === 0 ? 'check: all gates passed' : `check: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
