import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inNamespace, type Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'
import { type Finished, run } from './shell.ts'

const { CAUSEWAY_MAIN } = process.env

/** The built CLI; CAUSEWAY_MAIN names another one, to put the scenarios to a build elsewhere. */
const MAIN: string =
  CAUSEWAY_MAIN ?? fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))

export interface CausewayOptions {
  readonly namespace: Namespace
  /** The address that profiles name; the gateway listens on all. */
  readonly host: string
  /** Networks behind the gateway, comma-separated. */
  readonly inside: string
  /** The data directory; a fresh one by default. */
  readonly data?: string
  /** Whether the management API runs beside the gateway, on port 8443. By default it does not: starts are quicker. */
  readonly api?: boolean
  /** Further arguments of `causeway up`. */
  readonly args?: readonly string[]
}

/** What `client add` writes: where, and for OpenVPN. */
export interface Profiles {
  readonly directory: string

  /** Azure's form: tls-auth, TCP 443. */
  readonly azure: string
  /** tls-crypt-v2, UDP first, TCP second. */
  readonly hardened: string
}

/** A gateway under test, started as a user starts it. */
export class Causeway {
  readonly options: CausewayOptions
  readonly data: string
  process: RunningProcess

  private constructor(options: CausewayOptions) {
    this.options = options
    this.data = options.data ?? scratchDirectory('d')
    const { host, inside, api = false, args = [] } = options
    const port = api ? '8443' : 'off'
    this.process = this.#up(['--host', host, '--inside', inside, '--api-port', port, ...args])
  }

  /** Starts `causeway up` and waits for its last line. */
  static async start(options: CausewayOptions): Promise<Causeway> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run npm run build`)
    const gateway = new Causeway(options)
    await gateway.ready()
    return gateway
  }

  async ready(): Promise<void> {
    await this.process.waitFor(/^ready$/, 30_000)
  }

  /** Starts it again on the same data, after a stop or a kill; the data directory knows the rest. */
  async restart(): Promise<void> {
    this.process = this.#up([])
    await this.ready()
  }

  /** A `causeway` command line against this gateway, to its end. */
  cli(...args: string[]): Promise<Finished> {
    const line = causewayCommand(this.options.namespace, [...args, '--data', this.data])
    return run(line[0] as string, line.slice(1), { timeoutMs: 30_000 })
  }

  /** Errors: the command failed; the message holds what it said. */
  async cliOk(...args: string[]): Promise<string> {
    const done = await this.cli(...args)
    if (done.code !== 0) {
      throw new Error(`causeway ${args.join(' ')} exited ${done.code}\n${done.stderr}${done.stdout}`)
    }
    return done.stdout
  }

  /** The parsed answer of a command with `--json`. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.cliOk(...args, '--json')) as T
  }

  async addClient(name: string): Promise<Profiles> {
    const out = join(scratchDirectory('p'), name)
    await this.cliOk('client', 'add', name, '--out', out)
    const read = (file: string): string => readFileSync(join(out, 'OpenVPN', file), 'utf8')
    return { directory: out, azure: read('vpnconfig.ovpn'), hardened: read('vpnconfig-hardened.ovpn') }
  }

  async revokeClient(name: string): Promise<void> {
    await this.cliOk('client', 'revoke', name)
  }

  /** Waits for a log line; by default anywhere since the start. */
  async logged(pattern: RegExp, timeoutMs = 5_000, from = 0): Promise<string> {
    return (await this.process.waitFor(pattern, timeoutMs, from)).text
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGTERM')
  }

  #up(args: readonly string[]): RunningProcess {
    const line = causewayCommand(undefined, ['up', '--data', this.data, ...args])
    return start(line[0] as string, line.slice(1), {
      namespace: this.options.namespace,
      title: 'causeway up',
    })
  }
}

/** The command line of the built CLI, in a namespace if one is given. */
export function causewayCommand(namespace: Namespace | undefined, args: readonly string[]): string[] {
  const command = [process.execPath, MAIN, ...args]
  return namespace ? inNamespace(namespace, process.execPath, command.slice(1)) : command
}
