import type { Answered, Client } from '../../interop/azure-sdk/durability-client.ts'
import { type ApiPlace, COUNTERS, READ_RESOURCES, type Work } from './plan.ts'

const VERSION = 'api-version=2024-05-01'
const GROUPS_VERSION = 'api-version=2021-04-01'

/** A client at its work: each method is one request, or two where it has to know something first. */
export class Worker {
  readonly #client: Client
  readonly #number: number
  readonly #place: ApiPlace | undefined
  #turn = 0

  constructor(client: Client, number: number, place: ApiPlace | undefined) {
    this.#client = client
    this.#number = number
    this.#place = place
  }

  /** Does a piece of work; what the server said to each request of it. */
  async *work(work: Exclude<Work, 'count'>): AsyncIterable<Answered> {
    this.#turn++
    switch (work) {
      case 'token':
        yield await this.#signIn()
        return
      case 'prepare':
        yield* this.#prepare()
        return
      case 'read':
        yield await this.#client.send(
          'GET',
          this.#place ? this.#path('read', this.#pick(READ_RESOURCES)) : '/',
        )
        return
      case 'list':
        yield await this.#client.send('GET', this.#path('read'))
        return
      case 'write':
        yield await this.#put(this.#path('written', `${this.#number}-${this.#turn}`), {})
        return
      case 'increment':
        yield* this.#increment(this.#path('counted', (this.#number + this.#turn) % COUNTERS))
        return
      default:
        throw work satisfies never
    }
  }

  /** The sum of all counters. */
  async counted(): Promise<number> {
    let sum = 0
    for (let i = 0; i < COUNTERS; i++) {
      const { status, text } = await this.#client.send('GET', this.#path('counted', i))
      if (status !== 200) throw new Error(`a counter could not be read: ${status} ${text}`)
      sum += counterOf(text).count
    }
    return sum
  }

  async #signIn(): Promise<Answered> {
    const { tenantId, clientId, clientSecret } = this.#known()
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://management.azure.com/.default',
    })
    this.#client.token = undefined
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const answered = await this.#client.send('POST', `/${tenantId}/oauth2/v2.0/token`, form.toString(), type)
    if (answered.status === 200)
      this.#client.token = (JSON.parse(answered.text) as { access_token: string }).access_token
    return answered
  }

  async *#prepare(): AsyncIterable<Answered> {
    const location = JSON.stringify({ location: 'local' })
    for (const group of ['read', 'written', 'counted'])
      yield await this.#client.send('PUT', `${this.#known().groups}/${group}?${GROUPS_VERSION}`, location)
    for (let i = 0; i < READ_RESOURCES; i++) yield await this.#put(this.#path('read', i), {})
    for (let i = 0; i < COUNTERS; i++)
      yield await this.#put(this.#path('counted', i), { tags: { count: '0' } })
  }

  async *#increment(path: string): AsyncIterable<Answered> {
    const read = await this.#client.send('GET', path)
    yield read
    if (read.status !== 200) return
    const { etag, count } = counterOf(read.text)
    yield await this.#put(path, { tags: { count: String(count + 1) } }, { 'if-match': etag })
  }

  #put(path: string, more: object, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const body = JSON.stringify({
      location: 'local',
      properties: {
        gatewayIpAddress: '203.0.113.1',
        localNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16', '10.2.0.0/16'] },
      },
      ...more,
    })
    return this.#client.send('PUT', path, body, headers)
  }

  #path(group: string, name?: string | number): string {
    const resource = name === undefined ? '' : `/lng-${name}`
    const collection = `${group}/providers/Microsoft.Network/localNetworkGateways`
    return `${this.#known().groups}/${collection}${resource}?${VERSION}`
  }

  #pick(count: number): number {
    return (this.#number * 7 + this.#turn) % count
  }

  #known(): ApiPlace {
    if (!this.#place) throw new Error('this server has no API')
    return this.#place
  }
}

function counterOf(text: string): { readonly etag: string; readonly count: number } {
  const { etag, tags } = JSON.parse(text) as { etag: string; tags: { count: string } }
  return { etag, count: Number(tags.count) }
}
