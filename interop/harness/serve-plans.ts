import { existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** A client that a plan began. */
export interface PlannedClient {
  /** Its end, of whatever kind. Errors: the server will not have it. */
  readonly done: Promise<unknown>
  stop(): unknown
}

/**
 * The inside of a `ClientHome`: a file `N.plan` (JSON) in the directory that the command line names begins client N;
 * `N.stop` ends it. Prints `N connected`, `N refused REASON` and `N over`.
 */
export function servePlans<Plan>(begin: (plan: Plan, connected: () => void) => PlannedClient): void {
  const directory = process.argv[2] ?? ''
  const clients = new Map<string, PlannedClient>()
  watch(directory, (_event, name) => {
    const [, number, what] = /^(\d+)\.(plan|stop)$/.exec(name ?? '') ?? []
    if (number === undefined || !existsSync(join(directory, name ?? ''))) return
    if (what === 'stop') void clients.get(number)?.stop()
    else if (!clients.has(number)) clients.set(number, dial(number))
  })
  console.log('ready')

  function dial(number: string): PlannedClient {
    const plan = JSON.parse(readFileSync(join(directory, `${number}.plan`), 'utf8')) as Plan
    const client = begin(plan, () => console.log(`${number} connected`))
    client.done
      .catch((error: Error) => console.log(`${number} refused ${error.message}`))
      .finally(() => console.log(`${number} over`))
    return client
  }
}
