import { join } from 'node:path'
import type { Causeway } from '../harness/causeway.ts'
import { runIn } from '../harness/namespace.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** The management API of a gateway, asked by curl from the gateway's own machine. */
export interface Api {
  readonly subscription: string
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>
  /** Asks for an action of a gateway and waits for its result. Errors: with the answer that is none. */
  act(path: string, body: unknown): Promise<unknown>
}

export interface Answer {
  readonly status: number
  readonly headers: string
  readonly text: string
}

const VERSION = 'api-version=2023-09-01'
const BASE = `https://${ADDRESSES.gateway}:8443`
const POLLS = 100

/** As the first administrator, who was told once what it needs. */
export async function openApi(gateway: Causeway): Promise<Api> {
  const told = (name: RegExp): string => {
    const value = name.exec(gateway.process.log())?.[1]
    if (value === undefined) throw new Error(`causeway up has not told ${name}`)
    return value
  }
  const tenant = told(/tenant id +(\S+)/)
  const subscription = told(/subscription +(\S+)/)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: told(/client id +(\S+)/),
    client_secret: told(/client secret +(\S+)/),
    scope: `${BASE}/.default`,
  })
  const answer = await curl(gateway, 'POST', `${BASE}/${tenant}/oauth2/v2.0/token`, {
    headers: ['content-type: application/x-www-form-urlencoded'],
    body: form.toString(),
  })
  const { access_token: token } = JSON.parse(answer.text) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${answer.text}`)
  return new CurlApi(gateway, subscription, token)
}

class CurlApi implements Api {
  readonly subscription: string
  readonly #gateway: Causeway
  readonly #token: string

  constructor(gateway: Causeway, subscription: string, token: string) {
    this.#gateway = gateway
    this.subscription = subscription
    this.#token = token
  }

  ask(method: string, path: string, body?: unknown, token = this.#token): Promise<Answer> {
    const url = path.startsWith('https:') ? path : `${BASE}${path}`
    const headers = ['content-type: application/json', ...(token ? [`authorization: Bearer ${token}`] : [])]
    return curl(this.#gateway, method, url, {
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  async act(path: string, body: unknown): Promise<unknown> {
    const begun = await this.ask('POST', `${path}?${VERSION}`, body)
    const location = /^location: (\S+)/im.exec(begun.headers)?.[1]
    if (begun.status !== 202 || location === undefined) throw new Error(`${begun.status} ${begun.text}`)
    for (let i = 0; i < POLLS; i++) {
      const answer = await this.ask('GET', location)
      if (answer.status === 200) return JSON.parse(answer.text)
      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    throw new Error(`${path} does not end`)
  }
}

/** The id of the one gateway that there is. */
export async function gatewayId(api: Api): Promise<string> {
  const list = `/subscriptions/${api.subscription}/resourceGroups/causeway/providers/Microsoft.Network/virtualNetworkGateways`
  const { text } = await api.ask('GET', `${list}?${VERSION}`)
  const [gateway] = (JSON.parse(text) as { value: { id: string }[] }).value
  if (!gateway) throw new Error(`no gateway: ${text}`)
  return gateway.id
}

async function curl(
  { options: { namespace }, data }: Causeway,
  method: string,
  url: string,
  { headers, body }: { readonly headers: readonly string[]; readonly body?: string },
): Promise<Answer> {
  const args = ['-sS', '-i', '--cacert', join(data, 'ca.pem'), '-X', method, url]
  for (const header of headers) args.push('-H', header)
  if (body !== undefined) args.push('--data-binary', '@-')
  const done = await runIn(namespace, 'curl', args, body === undefined ? {} : { input: body })
  const [head = '', ...rest] = done.stdout.split('\r\n\r\n')
  const status = Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1])
  if (!status) throw new Error(`curl: ${done.stderr}`)
  return { status, headers: head, text: rest.join('\r\n\r\n') }
}

/** Values by name and labels, as Prometheus reads them. */
export async function scrape(api: Api): Promise<ReadonlyMap<string, number>> {
  const { status, text } = await api.ask('GET', '/metrics')
  if (status !== 200) throw new Error(`/metrics: ${status} ${text}`)
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}
