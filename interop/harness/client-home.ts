import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

/** One client of a home. Errors of all: the home's log. */
export interface HomeClient {
  connected(): Promise<void>
  refused(): Promise<void>
  stop(): Promise<void>
}

/**
 * A process of a namespace in which Causeway's own clients begin and end one after the other, because its start takes
 * longer than a tunnel's. What it runs calls `servePlans`.
 */
export class ClientHome<Plan> {
  readonly namespace: Namespace
  readonly #process: RunningProcess
  readonly #directory: string
  #count = 0

  private constructor(namespace: Namespace, main: URL) {
    this.namespace = namespace
    this.#directory = join(scratchDirectory('w'), 'plans')
    mkdirSync(this.#directory)
    const loader = ['--conditions=@causeway/source', '--import', 'tsx']
    const args = [...loader, fileURLToPath(main), this.#directory]
    this.#process = start(process.execPath, args, { namespace, title: 'our own clients' })
  }

  static async start<Plan>(namespace: Namespace, main: URL): Promise<ClientHome<Plan>> {
    const home = new ClientHome<Plan>(namespace, main)
    await home.#process.waitFor(/^ready$/, 30_000)
    return home
  }

  /** Begins one; it goes on until it is stopped, or refused. */
  dial(plan: Plan): HomeClient {
    const number = ++this.#count
    const mark = this.#process.mark()
    this.#put(`${number}.plan`, JSON.stringify(plan))
    const waitFor = async (what: string): Promise<void> =>
      void (await this.#process.waitFor(new RegExp(`^${number} ${what}`), 20_000, mark))
    return {
      connected: () => waitFor('connected'),
      refused: () => waitFor('refused'),
      stop: async () => {
        this.#put(`${number}.stop`, '')
        await waitFor('over$')
      },
    }
  }

  async stop(): Promise<void> {
    await this.#process.stop()
  }

  /** The end of the log, for the message of a failure. */
  tail(): string {
    return this.#process.tail()
  }

  /** The other end looks at names, so a file has its name when it is whole. */
  #put(name: string, content: string): void {
    const path = join(this.#directory, name)
    writeFileSync(`${path}.part`, content, { mode: 0o600 })
    renameSync(`${path}.part`, path)
  }
}
