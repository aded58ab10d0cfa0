import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { TenantUser } from './entra-tenant-directory.ts'
import {
  RESOURCE_PREFIX,
  type TenantCommand,
  type TenantDocument,
  type TenantEndpoint,
} from './entra-tenant-document.ts'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

export interface EntraTenantOptions extends TenantDocument {
  readonly namespace: Namespace
}

const MAIN: string = fileURLToPath(new URL('./entra-tenant-main.ts', import.meta.url))

/** An OpenID provider in the shape of Entra: npm's oidc-provider in a process of its own. */
export class EntraTenant {
  readonly options: EntraTenantOptions
  process: RunningProcess
  readonly #directory: string
  #keys: readonly JWK[]

  private constructor(options: EntraTenantOptions) {
    this.options = options
    this.#keys = options.keys
    this.#directory = scratchDirectory('e')
    this.process = this.#run()
  }

  /** Starts it, and waits until it listens. */
  static async start(options: EntraTenantOptions): Promise<EntraTenant> {
    const tenant = new EntraTenant(options)
    await tenant.#ready()
    return tenant
  }

  /** What it signs with. */
  get key(): JWK {
    const [first] = this.#keys
    if (!first) throw new Error('a tenant without keys')
    return first
  }

  /** An access token for a user and an audience, as this endpoint gives it. Errors: the answer, when there is none. */
  async accessToken(user: TenantUser, audience: string, endpoint?: TenantEndpoint): Promise<string> {
    const { path } = endpoint ?? (this.options.endpoints[0] as TenantEndpoint)
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: this.options.apps[0]?.clientId ?? '',
      resource: `${RESOURCE_PREFIX}${encodeURIComponent(audience)}`,
      username: user.upn,
      password: user.password,
    })
    const type = 'application/x-www-form-urlencoded'
    const answer = JSON.parse(await this.#post(`${path}/oauth2/token`, type, form.toString())) as {
      access_token?: string
    }
    if (answer.access_token === undefined) throw new Error(JSON.stringify(answer))
    return answer.access_token
  }

  /** Publishes these keys from now on, and signs with the first. */
  async publishKeys(keys: readonly JWK[]): Promise<void> {
    this.#keys = keys
    await this.#command({ type: 'keys', keys })
  }

  async setEnabled({ upn }: TenantUser, isEnabled: boolean): Promise<void> {
    await this.#command({ type: 'user', upn, isEnabled })
  }

  /** How often its keys were fetched. */
  keyRequests(): number {
    return this.process.log().match(/^GET \S*\/discovery\/keys 200$/gm)?.length ?? 0
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGKILL')
  }

  /** Starts it again with the keys of now; all users may sign in. */
  async restart(): Promise<void> {
    this.process = this.#run()
    await this.#ready()
  }

  #run(): RunningProcess {
    const { namespace, ...rest } = this.options
    const path = join(this.#directory, 'tenant.json')
    const document: TenantDocument = { ...rest, keys: this.#keys }
    writeFileSync(path, JSON.stringify(document), { mode: 0o600 })
    rmSync(this.#socket, { force: true })
    const args = ['--import', 'tsx', MAIN, path, this.#socket]
    return start(process.execPath, args, { namespace, title: 'Entra tenant' })
  }

  get #socket(): string {
    return join(this.#directory, 'socket')
  }

  async #ready(): Promise<void> {
    await this.process.waitFor(/^listening$/, 30_000)
  }

  async #command(command: TenantCommand): Promise<void> {
    await this.#post('/command', 'application/json', JSON.stringify(command))
  }

  #post(path: string, type: string, body: string): Promise<string> {
    const headers = { host: this.options.address, 'content-type': type }
    return new Promise((resolve, reject) => {
      // A connection that was kept may be closed by the other end just as it is used again.
      const options = { socketPath: this.#socket, path, method: 'POST', headers, agent: false }
      const sent = request(options, answer => text(answer).then(resolve, reject))
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

/** A private key of the kind that Entra signs with. */
export async function createSigningKey(keyId: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: keyId, alg: 'RS256', use: 'sig' }
}
