import { setTimeout as delay } from 'node:timers/promises'
import type { ManagedScenario, Principal } from '../harness/management.ts'
import { type Namespace, runInOk } from '../harness/namespace.ts'

// biome-ignore lint/suspicious/noExplicitAny: what the API answers is looked into
export type Answered = any

/** ARM's error body. */
export interface ArmRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly target: string | undefined
}

/** What a request was answered with. */
interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Answered
}

interface Request {
  readonly method: string
  readonly url: string
  readonly token?: string
  readonly body?: object | string
}

/** From us: no operation of the API takes longer. */
const OPERATION_LIMIT_MS = 60_000
const LOOK_AGAIN_MS = 50

/** Which api-version a provider is asked with. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  'microsoft.network': '2025-05-01',
  'microsoft.managedidentity': '2023-01-31',
  'microsoft.keyvault': '2023-07-01',
  'microsoft.authorization': '2022-04-01',
}
const GROUP_API_VERSION = '2021-04-01'
const VAULT_API_VERSION = '7.4'

/** The API of an installation, asked by `curl` in the gateway's namespace: nothing is left running in between. */
export class SiteArm {
  readonly #namespace: Namespace
  readonly #place: ManagedScenario['place']
  readonly #principal: Principal
  readonly #tokens = new Map<string, Promise<string>>()

  /** @param gateway in whose namespace it is asked. */
  constructor({ gateway, place, administrator }: Omit<ManagedScenario, 'topology' | 'close'>) {
    this.#namespace = gateway.options.namespace
    this.#place = place
    this.#principal = administrator
  }

  /** What a resource is now. Errors: it is not there. */
  async get(id: string): Promise<Answered> {
    return this.#done('GET', id)
  }

  /** Makes or changes a resource and waits for the end of it. Errors: it was refused, or has failed. */
  async put(id: string, body: object): Promise<Answered> {
    return this.#done('PUT', id, body)
  }

  async delete(id: string): Promise<void> {
    await this.#done('DELETE', id)
  }

  /** An action of a resource: `…/resetconnection`. */
  async post(id: string, body?: object): Promise<Answered> {
    return this.#done('POST', id, body)
  }

  /** How a PUT is refused, at once or in the end. Errors: it was not. */
  async refused(id: string, body: object): Promise<ArmRefusal> {
    const answer = await this.#arm('PUT', id, body)
    if (answer.status < 400) throw new Error(`PUT ${id} was not refused: ${JSON.stringify(answer.body)}`)
    return refusalOf(answer)
  }

  /** A call to a vault by its name: `certificates/NAME/import`. Errors: it was refused. */
  async vault(name: string, method: string, path: string, body?: object): Promise<Answered> {
    const { baseUrl, vaultDomain } = this.#place
    const url = `https://${name}.${vaultDomain}:${new URL(baseUrl).port}/${path}?api-version=${VAULT_API_VERSION}`
    const token = await this.#token(`https://${vaultDomain}/.default`)
    const answer = await this.#curl({ method, url, token, ...(body && { body }) })
    if (answer.status >= 400) throw failure(`${method} ${url}`, answer)
    return answer.body
  }

  /** Of the principal that asks. */
  async objectId(): Promise<string> {
    const [, claims = ''] = (await this.#token(`${this.#place.baseUrl}/.default`)).split('.')
    return String(JSON.parse(Buffer.from(claims, 'base64url').toString()).oid)
  }

  async #done(method: string, id: string, body?: object): Promise<Answered> {
    const answer = await this.#arm(method, id, body)
    if (answer.status >= 400) throw failure(`${method} ${id}`, answer)
    return answer.body
  }

  /** A request, and the end of what it began: for a failed operation status 400 and its error. */
  async #arm(method: string, id: string, body?: object): Promise<Response> {
    const token = await this.#token(`${this.#place.baseUrl}/.default`)
    const url = `${this.#place.baseUrl}${id}?api-version=${apiVersionOf(id)}`
    const first = await this.#curl({ method, url, token, ...(body && { body }) })
    const operation = first.headers['azure-asyncoperation']
    if (first.status >= 400 || operation === undefined) return first
    const ended = await this.#ended(operation, token)
    if (ended.body.status !== 'Succeeded') return { ...ended, status: 400 }
    const { location } = first.headers
    if (method === 'PUT') return this.#curl({ method: 'GET', url, token })
    return location === undefined ? ended : this.#curl({ method: 'GET', url: location, token })
  }

  async #ended(url: string, token: string): Promise<Response> {
    const end = performance.now() + OPERATION_LIMIT_MS
    while (performance.now() < end) {
      const answer = await this.#curl({ method: 'GET', url, token })
      if (answer.body?.status !== 'InProgress') return answer
      await delay(LOOK_AGAIN_MS)
    }
    throw new Error(`${url} is still in progress`)
  }

  #token(scope: string): Promise<string> {
    const present = this.#tokens.get(scope)
    if (present) return present
    const made = this.#signIn(scope)
    this.#tokens.set(scope, made)
    return made
  }

  async #signIn(scope: string): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.#principal
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope }
    const body = new URLSearchParams(form).toString()
    const url = `${this.#place.baseUrl}/${tenantId}/oauth2/v2.0/token`
    const answer = await this.#curl({ method: 'POST', url, body })
    if (answer.status >= 400) throw failure(`POST ${url}`, answer)
    return String(answer.body.access_token)
  }

  /** Vaults have names that no DNS knows here. */
  async #curl({ method, url, token, body }: Request): Promise<Response> {
    const { hostname, port } = new URL(url)
    const { hostname: address } = new URL(this.#place.baseUrl)
    const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json'
    const args = ['--silent', '--show-error', '--include', '--cacert', this.#place.authority]
    args.push('--max-time', '60', '--resolve', `${hostname}:${port}:${address}`, '--request', method)
    // The token is read from standard input: command lines are for everybody to see.
    const lines = [`url = "${url}"`]
    if (token !== undefined) lines.push(`header = "authorization: Bearer ${token}"`)
    if (body !== undefined || method !== 'GET') {
      const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
      lines.push(`header = "content-type: ${type}"`, `data = ${JSON.stringify(text)}`)
    }
    const input = lines.join('\n')
    return readResponse(await runInOk(this.#namespace, 'curl', [...args, '--config', '-'], { input }))
  }
}

function apiVersionOf(id: string): string {
  const providers = [...id.matchAll(/\/providers\/([^/]+)/gi)]
  const provider = providers.at(-1)?.[1]?.toLowerCase()
  return provider === undefined ? GROUP_API_VERSION : (API_VERSIONS[provider] ?? '')
}

function readResponse(text: string): Response {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...headers] = text.slice(0, end).split('\r\n')
  const body = text.slice(end + 4)
  if (/^HTTP\/\S+ 100/.test(line)) return readResponse(body)
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(
      headers.map(header => {
        const [name = '', ...value] = header.split(': ')
        return [name.toLowerCase(), value.join(': ')]
      }),
    ),
    body: /^[[{"]/.test(body) ? JSON.parse(body) : body,
  }
}

function refusalOf({ status, body }: Response): ArmRefusal {
  const error = body?.error ?? {}
  return { status, code: String(error.code), message: String(error.message), target: error.target }
}

function failure(what: string, answer: Response): Error {
  return Object.assign(
    new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`),
    refusalOf(answer),
  )
}
