import { type ChildProcess, spawn } from 'node:child_process'
import { inNamespace, type Namespace } from './namespace.ts'

export interface StartOptions {
  /** Stands in messages for the command line. */
  readonly title: string
  readonly namespace?: Namespace
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A line of a process's log, counted from its start; `at` is in milliseconds of `performance.now()`. */
export interface LogLine {
  readonly text: string
  readonly at: number
}

/** How much of the log a failure shows. */
const SHOWN_LINES = 60

/** A program under test that runs beside the scenario, with everything it has printed. */
export class RunningProcess {
  readonly title: string
  readonly pid: number
  readonly lines: LogLine[] = []
  readonly exited: Promise<Exit>
  #exit: Exit | undefined
  #partial = ''
  readonly #child: ChildProcess
  readonly #watchers = new Set<() => void>()

  constructor(child: ChildProcess, title: string) {
    if (child.pid === undefined) throw new Error(`${title}: did not start`)
    this.title = title
    this.pid = child.pid
    this.#child = child
    child.stdout?.on('data', chunk => this.#take(String(chunk)))
    child.stderr?.on('data', chunk => this.#take(String(chunk)))
    this.exited = new Promise(resolve => {
      child.on('close', (code, signal) => {
        this.#exit = { code, signal }
        resolve(this.#exit)
        this.#wake()
      })
    })
  }

  get exit(): Exit | undefined {
    return this.#exit
  }

  /** All of the log as text, or what came after a mark. */
  log(from = 0): string {
    return this.lines
      .slice(from)
      .map(line => line.text)
      .join('\n')
  }

  /** A place in the log to wait from. */
  mark(): number {
    return this.lines.length
  }

  /** Waits until a line matches. Errors: the process ended or the time ran out; the message ends with its log. */
  waitFor(pattern: RegExp, timeoutMs = 15_000, from = 0): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      let next = from
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        settle()
      }
      const fail = (what: string): void =>
        finish(() => reject(new Error(`${this.title}: ${what} ${pattern}\n${this.tail()}`)))
      const look = (): void => {
        while (next < this.lines.length) {
          const line = this.lines[next++] as LogLine
          if (!pattern.test(line.text)) continue
          finish(() => resolve(line))
          return
        }
        if (this.#exit) fail(`ended (${this.#exit.code ?? this.#exit.signal}) before`)
      }
      const timer = setTimeout(() => fail(`after ${timeoutMs} ms no line like`), timeoutMs)
      this.#watchers.add(look)
      look()
    })
  }

  /** Waits for the end by itself. Errors: still running after the time given. */
  async ended(timeoutMs = 15_000): Promise<Exit> {
    const late = new Promise<undefined>(resolve => setTimeout(resolve, timeoutMs, undefined).unref())
    const exit = await Promise.race([this.exited, late])
    if (!exit) throw new Error(`${this.title}: still running after ${timeoutMs} ms\n${this.tail()}`)
    return exit
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#exit) this.#child.kill(signal)
  }

  /** Asks it to end and, if it has not within the time given, kills it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 5_000): Promise<Exit> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  /** The end of the log, for the message of a failure. */
  tail(): string {
    const last = this.lines.slice(-SHOWN_LINES).map(line => `  | ${line.text}`)
    return [`--- ${this.title}, last ${last.length} lines`, ...last].join('\n')
  }

  #take(chunk: string): void {
    const parts = (this.#partial + chunk).split('\n')
    this.#partial = parts.pop() ?? ''
    const at = performance.now()
    for (const text of parts) this.lines.push({ text, at })
    this.#wake()
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** Starts a program that the scenario stops; whatever happens it ends with its namespace. */
export function start(command: string, args: readonly string[], options: StartOptions): RunningProcess {
  const line = options.namespace ? inNamespace(options.namespace, command, args) : [command, ...args]
  const child = spawn(line[0] as string, line.slice(1), {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new RunningProcess(child, options.title)
}
