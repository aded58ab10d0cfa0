import type { Answered, Client } from './durability-client.ts'

/** What a resource must be after the server was killed, by what was acknowledged. */
export type Fact =
  | { readonly type: 'present'; readonly path: string; readonly etag: string; readonly mark: string }
  | { readonly type: 'absent'; readonly path: string }

/** Something that was acknowledged and can be asked about by its own path. */
export interface Acknowledged {
  /** By path. The last one counts. */
  readonly facts: Map<string, Fact>
  /** Keys of connections, by the path of the connection. */
  readonly secrets: Map<string, string>
  /** Resources that the newcomer was let read. */
  readonly readable: Set<string>
  /** URLs of operations. */
  readonly operations: Set<string>
  /** Those of them that a kill has ended. */
  readonly interrupted: Set<string>
  /** What was under way when the connection broke: the path, and the mark that it would have got. */
  readonly unknown: Map<string, string>
  count: number
}

export interface WriterPlace {
  /** `/subscriptions/S/resourceGroups/G`. */
  readonly group: string
  readonly newcomerId: string
  readonly readerRole: string
}

const NETWORK = 'api-version=2024-05-01'
const ROLES = 'api-version=2022-04-01'

/** Nothing is acknowledged yet. */
export function nothingYet(): Acknowledged {
  const [facts, secrets, unknown] = [
    new Map<string, Fact>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ]
  return {
    facts,
    secrets,
    unknown,
    readable: new Set(),
    operations: new Set(),
    interrupted: new Set(),
    count: 0,
  }
}

/** Writes one thing after the other until its connection breaks, and notes what was acknowledged. */
export class Writer {
  readonly #client: Client
  readonly #number: number
  readonly #prefix: string
  readonly #place: WriterPlace
  readonly #noted: Acknowledged
  readonly #told: () => void

  /** `told` is called for each acknowledgement. */
  constructor(client: Client, number: number, place: WriterPlace, noted: Acknowledged, told: () => void) {
    this.#client = client
    this.#number = number
    this.#prefix = `w${noted.count}-${number}`
    this.#place = place
    this.#noted = noted
    this.#told = told
  }

  /** Errors: something was refused. */
  async run(): Promise<void> {
    for (let turn = 0; ; turn++) if (!(await this.#turn(`${this.#prefix}-${turn}`))) return
  }

  /** One each of everything that can be written; every writer begins with another. False: the connection broke. */
  async #turn(name: string): Promise<boolean> {
    const kinds = [
      () => this.#change(this.#network('localNetworkGateways', name)),
      () => this.#come(this.#network('localNetworkGateways', `${name}-gone`)),
      () => this.#share(this.#network('connections', name), `key of ${name}`),
      () => this.#put(this.#network('publicIPAddresses', name), 'first', {}),
    ]
    const first = this.#number % kinds.length
    for (const write of [...kinds.slice(first), ...kinds.slice(0, first)]) if (!(await write())) return false
    return true
  }

  /** Makes a resource, lets the newcomer read it, and changes it. */
  async #change(path: string): Promise<boolean> {
    if (!(await this.#put(path, 'first', GATEWAY)) || !(await this.#letRead(path))) return false
    return this.#put(path, 'second', GATEWAY, this.#etagOf(path))
  }

  /** Makes a resource and removes it. */
  async #come(path: string): Promise<boolean> {
    return (await this.#put(path, 'first', GATEWAY)) && this.#remove(path)
  }

  async #put(path: string, mark: string, properties: object, etag?: string): Promise<boolean> {
    const body = JSON.stringify({ location: 'local', tags: { mark }, properties })
    const condition = etag === undefined ? {} : { 'if-match': etag }
    const answered = await this.#sent(path, mark, 'PUT', `${path}?${NETWORK}`, body, condition)
    if (answered.status === 0) return false
    const { etag: stored } = JSON.parse(answered.text) as { readonly etag: string }
    this.#noted.facts.set(path, { type: 'present', path, etag: stored, mark })
    const operation = /^azure-asyncoperation: *(\S+)/im.exec(answered.head)?.[1]
    if (operation !== undefined) this.#noted.operations.add(operation)
    return true
  }

  async #remove(path: string): Promise<boolean> {
    const { status } = await this.#sent(path, 'gone', 'DELETE', `${path}?${NETWORK}`)
    if (status !== 0) this.#noted.facts.set(path, { type: 'absent', path })
    return status !== 0
  }

  async #share(path: string, sharedKey: string): Promise<boolean> {
    const { group } = this.#place
    const at = (type: string): object => ({ id: `${group}/providers/Microsoft.Network/${type}/shared` })
    const isStored = await this.#put(path, 'first', {
      connectionType: 'IPsec',
      virtualNetworkGateway1: at('virtualNetworkGateways'),
      localNetworkGateway2: at('localNetworkGateways'),
      sharedKey,
    })
    if (isStored) this.#noted.secrets.set(path, sharedKey)
    return isStored
  }

  async #letRead(path: string): Promise<boolean> {
    const { newcomerId, readerRole } = this.#place
    const properties = {
      principalId: newcomerId,
      principalType: 'ServicePrincipal',
      roleDefinitionId: readerRole,
    }
    const at = `${path}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`
    const answered = await this.#sent(at, 'first', 'PUT', `${at}?${ROLES}`, JSON.stringify({ properties }))
    if (answered.status !== 0) this.#noted.readable.add(path)
    return answered.status !== 0
  }

  async #sent(path: string, mark: string, ...request: Parameters<Client['send']>): Promise<Answered> {
    const answered = await this.#client.send(...request)
    const { status, text } = answered
    if (status === 0) this.#noted.unknown.set(path, mark)
    else if (status >= 300) throw new Error(`${request[0]} ${path}: ${status} ${text}`)
    else {
      this.#noted.count++
      this.#told()
    }
    return answered
  }

  #network(type: string, name: string): string {
    return `${this.#place.group}/providers/Microsoft.Network/${type}/${name}`
  }

  #etagOf(path: string): string | undefined {
    const fact = this.#noted.facts.get(path)
    return fact?.type === 'present' ? fact.etag : undefined
  }
}

const GATEWAY = {
  gatewayIpAddress: '203.0.113.1',
  localNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16'] },
} as const
