import { spawn } from 'node:child_process'

/** What a finished command left: its exit status (128 + signal when killed) and what it printed. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** From us: no set-up command of the harness takes longer. */
const RUN_LIMIT_MS = 60_000

/** Runs a command to its end; a non-zero status is a value here, not an error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? RUN_LIMIT_MS)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    child.stdin.on('error', () => {}) // a command may end without reading its input (EPIPE)
    child.stdin.end(options.input ?? '')
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), stdout, stderr })
    })
  })
}

/** Runs a command that must succeed. Errors: one that carries the command line and what it printed. */
export async function runOk(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const done = await run(command, args, options)
  if (done.code !== 0) throw new Error(describeFailure([command, ...args], done))
  return done.stdout
}

function describeFailure(line: readonly string[], done: Finished): string {
  return `${line.join(' ')} exited ${done.code}\n${done.stderr}${done.stdout}`.trimEnd()
}
