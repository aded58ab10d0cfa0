import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { CODES, type NamedAttribute, type ReceivedPacket } from '@causeway/radius'
import { formatIpAddress } from '@causeway/wire'
import { answerTo, readRequest, SECRET } from '../../../radius/src/testing/server.suite.ts'
import { attributeValue } from '../../../radius/src/wire/attribute-values.ts'
import type { AccountingConfiguration, RadiusConfiguration } from '../configuration.ts'

/** A record as the server reads it. */
export interface ServerRecord {
  readonly status: number | undefined
  readonly sessionId: string | undefined
  readonly user: string | undefined
  readonly address: string | undefined
  readonly station: string | undefined
  readonly input: readonly [octets: number | undefined, packets: number | undefined]
  readonly output: readonly [octets: number | undefined, packets: number | undefined]
  readonly cause: number | undefined
}

/** Lets everybody in, and keeps the records: a RADIUS server on loopback. */
export class AccountingServer {
  readonly records: ServerRecord[] = []
  /** Of its accepts. */
  readonly attributes: readonly NamedAttribute[]
  readonly #socket: Socket
  readonly #answered = new Map<string, Uint8Array>()

  private constructor(socket: Socket, attributes: readonly NamedAttribute[]) {
    this.#socket = socket
    this.attributes = attributes
    socket.on('message', (bytes, from) => this.#handle(bytes, from))
  }

  static async open(attributes: readonly NamedAttribute[] = []): Promise<AccountingServer> {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    return new AccountingServer(socket, attributes)
  }

  configuration(accounting: Partial<AccountingConfiguration> = {}): RadiusConfiguration {
    const { port } = this.#socket.address() as AddressInfo
    const server = {
      host: '127.0.0.1',
      score: 30,
      secret: SECRET,
      transport: 'udp',
      authenticationPort: port,
      accountingPort: port,
      requireMessageAuthenticator: true,
    } as const
    return {
      servers: [server],
      timeoutSeconds: 30,
      nasIdentifier: 'edge',
      passwordProtocol: 'pap',
      accounting: { on: true, interimSeconds: 0, ...accounting },
    }
  }

  close(): void {
    this.#socket.close()
  }

  #handle(bytes: Uint8Array, { port, address }: RemoteInfo): void {
    const packet = readRequest(bytes)
    const key = `${port} ${packet.identifier} ${packet.authenticator.join()}`
    const isNew = !this.#answered.has(key)
    if (isNew && packet.code === CODES.ACCOUNTING_REQUEST) this.records.push(recordOf(packet))
    const attributes = packet.code === CODES.ACCESS_REQUEST ? this.attributes : []
    const answer = this.#answered.get(key) ?? answerTo(packet, { attributes })
    this.#answered.set(key, answer)
    this.#socket.send(answer, port, address)
  }
}

function recordOf({ attributes }: ReceivedPacket): ServerRecord {
  const address = attributeValue(attributes, 'Framed-IP-Address')
  return {
    status: attributeValue(attributes, 'Acct-Status-Type'),
    sessionId: attributeValue(attributes, 'Acct-Session-Id'),
    user: attributeValue(attributes, 'User-Name'),
    address: address && formatIpAddress(address),
    station: attributeValue(attributes, 'Calling-Station-Id'),
    input: [
      attributeValue(attributes, 'Acct-Input-Octets'),
      attributeValue(attributes, 'Acct-Input-Packets'),
    ],
    output: [
      attributeValue(attributes, 'Acct-Output-Octets'),
      attributeValue(attributes, 'Acct-Output-Packets'),
    ],
    cause: attributeValue(attributes, 'Acct-Terminate-Cause'),
  }
}
