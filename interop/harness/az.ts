import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AZ_CA, AZ_HOME, azCommand, azRoot } from '../az/root.ts'
import type { ManagementPlace, Principal } from './management.ts'
import { inNamespace, type Namespace } from './namespace.ts'
import { scratchDirectory } from './scratch.ts'
import { type Finished, run } from './shell.ts'

export interface AzureCliOptions {
  readonly namespace: Namespace
  readonly place: ManagementPlace
  /** Vaults whose names stand for the API's address: no DNS knows them here. */
  readonly vaults?: readonly string[]
}

/** From us: the first call reads some hundred modules anew. */
const CALL_LIMIT_MS = 90_000

/** Azure's command line, as Debian has it, with a home of its own. */
export class AzureCli {
  readonly #options: AzureCliOptions
  readonly #root: string
  readonly #home: string

  private constructor(options: AzureCliOptions, root: string, home: string) {
    this.#options = options
    this.#root = root
    this.#home = home
  }

  /** One that knows neither the cloud nor anybody. */
  static async open(options: AzureCliOptions): Promise<AzureCli> {
    const { place, vaults = [] } = options
    const root = await azRoot()
    const home = scratchDirectory('z')
    cpSync(join(root, 'root', '.azure'), join(home, '.azure'), { recursive: true })
    const system = readFileSync(join(root, 'etc', 'ssl', 'certs', 'ca-certificates.crt'), 'utf8')
    writeFileSync(join(home, AZ_CA), system + readFileSync(place.authority, 'utf8'))
    const names = vaults.map(name => `${name}.${place.vaultDomain}`)
    const lines = ['127.0.0.1 localhost', `${new URL(place.baseUrl).hostname} ${names.join(' ')}`]
    writeFileSync(join(home, 'hosts'), `${lines.join('\n')}\n`)
    return new AzureCli(options, root, home)
  }

  /** As docs/api.md says it: the cloud, no question to Microsoft, the account. Answers the subscriptions. */
  async signIn({ clientId, clientSecret, tenantId }: Principal): Promise<readonly Record<string, unknown>[]> {
    const { baseUrl } = this.#options.place
    await this.json('cloud', 'register', '-n', 'Causeway', '--endpoint-resource-manager', baseUrl)
    await this.json('cloud', 'set', '-n', 'Causeway')
    await this.json('config', 'set', 'core.instance_discovery=false')
    const credential = ['-u', clientId, '-p', clientSecret, '--tenant', tenantId]
    return this.json('login', '--service-principal', ...credential)
  }

  /** To its end, whatever it is. */
  run(...args: readonly string[]): Promise<Finished> {
    const [command = '', ...line] = azCommand(this.#root, this.#home, args)
    const [ip = '', ...rest] = inNamespace(this.#options.namespace, command, line)
    return run(ip, rest, { timeoutMs: CALL_LIMIT_MS })
  }

  /** What it prints; `undefined` when that is nothing. Errors: it failed; the message holds its words. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of some sixty commands, looked at by the tests alone.
  async json<T = any>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`az ${args.join(' ')} exited ${code}\n${stderr}${stdout}`)
    return stdout.trim() === '' ? (undefined as T) : (JSON.parse(stdout) as T)
  }

  /** What it says when it must fail. Errors: it did not. */
  async refusal(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code === 0) throw new Error(`az ${args.join(' ')} should have failed\n${stdout}`)
    return stderr
  }

  /** Writes a file, and answers its name as az has it. */
  file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.#home, name), content)
    return `${AZ_HOME}/${name}`
  }
}
