import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FreeradiusConfiguration, formatRadiusd } from './freeradius-config.ts'
import { type AccountingEntry, attributeOf, parseDetail } from './freeradius-records.ts'
import { DICTIONARY, formatReplies, formatUsers, type RadiusUser } from './freeradius-users.ts'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

export interface FreeradiusOptions extends FreeradiusConfiguration {
  readonly users: readonly RadiusUser[]
  /** Where it runs; default the test's own. */
  readonly namespace?: Namespace
  readonly title?: string
}

const PROGRAM = 'freeradius'

/** Long enough for a packet that is on its way. */
const RECORD_LIMIT_MS = 10_000
const LOOK_AGAIN_MS = 50

let count = 0

/** Debian's FreeRADIUS with a configuration of its own, which is all in one directory. */
export class Freeradius {
  readonly address: string
  readonly directory: string
  process: RunningProcess
  readonly #options: FreeradiusOptions
  readonly #title: string

  private constructor(options: FreeradiusOptions) {
    this.#options = options
    this.#title = options.title ?? `freeradius ${count}`
    count += 1
    this.address = options.address
    this.directory = scratchDirectory('f')
    this.#write('radiusd.conf', formatRadiusd(this.directory, options))
    this.#write('dictionary', DICTIONARY)
    this.#write('users', formatUsers(options.users))
    this.#write('replies', formatReplies(options.users))
    this.process = this.#run()
  }

  /** Starts it, and waits until it listens. Errors: with what it says of its configuration. */
  static async start(options: FreeradiusOptions): Promise<Freeradius> {
    const server = new Freeradius(options)
    await server.#ready()
    return server
  }

  /** Starts it again as it was, after a kill; what it has recorded is still there. */
  async restart(): Promise<void> {
    this.process = this.#run()
    await this.#ready()
  }

  /** It is gone without a word. */
  async kill(): Promise<void> {
    await this.process.stop('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGTERM')
  }

  /** All accounting packets that it has taken, in their order. */
  records(): AccountingEntry[] {
    return this.#detail('accounting')
  }

  /** All Access-Requests that it has looked at, in their order. */
  questions(): AccountingEntry[] {
    return this.#detail('questions')
  }

  /**
   * Waits for a record of this status (`Start`, `Interim-Update`, `Stop`) with these attributes, beyond the first `from`
   * of {@link records}. Errors: none in time.
   */
  async recorded(
    status: string,
    attributes: Readonly<Record<string, string>>,
    from = 0,
  ): Promise<AccountingEntry> {
    const end = performance.now() + RECORD_LIMIT_MS
    const wanted = Object.entries({ 'Acct-Status-Type': status, ...attributes })
    const fits = (entry: AccountingEntry): boolean =>
      wanted.every(([name, value]) => attributeOf(entry, name) === value)
    while (performance.now() < end) {
      const found = this.records().slice(from).find(fits)
      if (found) return found
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
    }
    throw new Error(`${this.#title}: no record ${JSON.stringify(wanted)}\n${this.process.tail()}`)
  }

  #detail(name: string): AccountingEntry[] {
    const path = join(this.directory, name)
    return existsSync(path) ? parseDetail(readFileSync(path, 'utf8')) : []
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 })
  }

  /** Not `-X`: RadSec wants threads. */
  #run(): RunningProcess {
    const { namespace } = this.#options
    return start(PROGRAM, ['-f', '-xx', '-l', 'stdout', '-d', this.directory], {
      title: this.#title,
      ...(namespace ? { namespace } : {}),
    })
  }

  async #ready(): Promise<void> {
    await this.process.waitFor(/Ready to process requests/)
  }
}
