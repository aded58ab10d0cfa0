import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inNamespace, type Namespace } from '../../interop/harness/namespace.ts'
import type { Arrival, LoadPlace, Phase, PhaseResult, Work } from './plan.ts'

const MAIN: string = fileURLToPath(new URL('./load-main.ts', import.meta.url))
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']

/** More than any phase takes. */
const LIMIT_MS = 120_000

/** The clients, in a process of their own. Their connections stay from one phase to the next. */
export class Load {
  readonly #child: ChildProcess
  #answered = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(namespace: Namespace, place: LoadPlace): Promise<Load> {
    const [command = '', ...args] = inNamespace(namespace, process.execPath, [
      ...LOADER,
      MAIN,
      JSON.stringify(place),
    ])
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const load = new Load(child)
    await load.#next('a start')
    return load
  }

  /** Requests so far. */
  get answered(): number {
    return this.#answered
  }

  /** Errors: what was answered was not what the phase needs. */
  async run(work: Work, arrival: Arrival): Promise<PhaseResult> {
    const phase: Phase = { work, arrival }
    this.#child.send(phase)
    const result = (await this.#next(work)) as PhaseResult | { readonly failed: string }
    if ('failed' in result) throw new Error(`${work}: ${result.failed}`)
    const wrong = Object.entries(result.statuses).filter(([status]) => !isExpected(work, Number(status)))
    if (wrong.length > 0) throw new Error(`${work}: ${JSON.stringify(result.statuses)}`)
    this.#answered += result.requests
    return result
  }

  /** What the clients say next. Errors: they ended, or said nothing for a long time. */
  async #next(what: string): Promise<unknown> {
    const signal = AbortSignal.timeout(LIMIT_MS)
    const ended = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error(`${what}: the clients ended`)
    })
    const [said] = (await Promise.race([once(this.#child, 'message', { signal }), ended])) as [unknown]
    return said
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}

/** Of conditional changes some come too late; everything else is to succeed. */
function isExpected(work: Work, status: number): boolean {
  return status === 200 || status === 201 || (work === 'increment' && status === 412)
}
