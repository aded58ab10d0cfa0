import { fileURLToPath } from 'node:url'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import { type Ground, INSIDE } from '../ground.ts'

const MAIN: string = fileURLToPath(new URL('./radius-responder-main.ts', import.meta.url))

/** What the servers and the responder know. */
export const RADIUS_SECRET = 'benchsecret'
/** Of everybody. */
export const PASSWORD = 'right-password'

/**
 * A RADIUS server behind the gateway that does next to nothing: what is measured is who asks it. Causeway's own
 * server-side codec, in a process of its own.
 */
export class RadiusResponder {
  readonly #process: RunningProcess

  private constructor(process: RunningProcess) {
    this.#process = process
  }

  static async start(ground: Ground): Promise<RadiusResponder> {
    const loader = ['--conditions=@causeway/source', '--import', 'tsx']
    const args = [...loader, MAIN, INSIDE, RADIUS_SECRET, PASSWORD]
    const running = start(process.execPath, args, { namespace: ground.inside, title: 'RADIUS responder' })
    await running.waitFor(/^listening$/)
    return new RadiusResponder(running)
  }

  /** How many Access-Requests it has had. */
  async requests(): Promise<number> {
    const mark = this.#process.mark()
    this.#process.signal('SIGUSR2')
    const { text } = await this.#process.waitFor(/^requests \d+$/, 5_000, mark)
    return Number(text.split(' ')[1])
  }

  async stop(): Promise<void> {
    await this.#process.stop('SIGKILL')
  }
}
