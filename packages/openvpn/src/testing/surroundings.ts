import type { CryptoPort } from '@causeway/crypto'
import { asciiBytes, concatBytes, utf8Text } from '@causeway/wire'
import type { OpenVpnCommand, OpenVpnReply } from '../command.ts'
import type { DataKeys, KeyId } from '../data-channel.ts'
import type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { SessionEvent } from '../session-event.ts'
import { FakeTls, type FakeTlsResult } from './fake-tls.ts'

/** What the surroundings of an engine may do while they act on an output. */
export interface SurroundingActions {
  send(bytes: Uint8Array, path: Path): void
  command(command: OpenVpnCommand): void
}

/** A data flow as the datapath would hold it. */
export interface FakeFlow {
  readonly path: Path
  readonly peerId: number | undefined
  readonly keys: Map<KeyId, DataKeys>
  selected: KeyId | undefined
}

export interface SurroundingOptions {
  readonly crypto: CryptoPort
  readonly role: 'client' | 'server'
  /** Shown in TLS. */
  readonly certificate?: Uint8Array
  /** `undefined`: does not answer. */
  readonly decide: (request: OpenVpnRequest) => OpenVpnReply | undefined
}

/** Stands in for the gateway around an engine: TLS, decisions, and a datapath that only remembers. */
export class Surroundings {
  readonly #options: SurroundingOptions
  readonly tls: Map<TlsId, FakeTls> = new Map()
  readonly flows: Map<SessionId, FakeFlow> = new Map()
  readonly events: { readonly session: SessionId | undefined; readonly event: SessionEvent }[] = []
  readonly requests: OpenVpnRequest[] = []
  readonly challengeResponses: { readonly id: number; readonly text: string }[] = []
  readonly inband: Uint8Array[] = []
  readonly closedStreams: number[] = []
  readonly sent: Uint8Array[] = []
  /** Decrypted text from the peer. */
  readonly plaintext: string[] = []
  /** Whether to remember what was sent; long simulations do not. */
  recordsSent = false
  /** Whether to remember what was decrypted. */
  recordsPlaintext = false

  constructor(options: SurroundingOptions) {
    this.#options = options
  }

  /** Events of a type, oldest first. */
  eventsOf<Type extends SessionEvent['type']>(type: Type): Extract<SessionEvent, { type: Type }>[] {
    return this.events
      .map(({ event }) => event)
      .filter((event): event is Extract<SessionEvent, { type: Type }> => event.type === type)
  }

  /** The one flow that is open. Errors: `Error` when there is none or more than one. */
  get flow(): FakeFlow {
    const [flow, ...more] = this.flows.values()
    if (!flow || more.length > 0) throw new Error(`${this.flows.size} flows are open, not one`)
    return flow
  }

  /** Acts on one output. */
  handle(output: OpenVpnOutput, actions: SurroundingActions): void {
    switch (output.type) {
      case 'send':
        if (this.recordsSent) this.sent.push(output.bytes)
        actions.send(output.bytes, output.path)
        return
      case 'tls-start':
        this.#startTls(output.tls, actions)
        return
      case 'tls-input':
        this.#report(output.tls, this.tls.get(output.tls)?.input(output.bytes) ?? [], actions)
        return
      case 'tls-write':
        this.#write(output.tls, output.bytes, actions)
        return
      case 'tls-close':
        this.tls.delete(output.tls)
        return
      case 'request':
        this.#decide(output.id, output.request, actions)
        return
      case 'challenge-response':
        this.challengeResponses.push({ id: output.id, text: output.text })
        return
      case 'inband':
        this.inband.push(output.payload)
        return
      case 'close-stream':
        this.closedStreams.push(output.stream)
        return
      case 'event':
        this.events.push(output)
        return
      case 'open-flow':
      case 'close-flow':
      case 'install-key':
      case 'select-key':
      case 'remove-key':
        this.#changeFlow(output)
        return
      default:
        output satisfies never
    }
  }

  #changeFlow(output: Extract<OpenVpnOutput, { type: `${string}-flow` | `${string}-key` }>): void {
    if (output.type === 'open-flow') {
      const { path, peerId } = output
      this.flows.set(output.session, { path, peerId, keys: new Map(), selected: undefined })
      return
    }
    const flow = this.flows.get(output.session)
    if (!flow) throw new Error(`${output.type} without a flow`)
    if (output.type === 'close-flow') this.flows.delete(output.session)
    else if (output.type === 'install-key') flow.keys.set(output.keys.keyId, output.keys)
    else if (output.type === 'remove-key') removeKey(flow, output.keyId)
    else if (!flow.keys.has(output.keyId)) throw new Error('select-key of a key that is not installed')
    else flow.selected = output.keyId
  }

  #startTls(id: TlsId, actions: SurroundingActions): void {
    const { crypto, role, certificate = asciiBytes(`certificate of the ${role}`) } = this.#options
    const tls = new FakeTls(crypto, role, certificate)
    this.tls.set(id, tls)
    this.#report(id, tls.start(), actions)
  }

  #write(id: TlsId, bytes: Uint8Array, actions: SurroundingActions): void {
    const tls = this.tls.get(id)
    if (!tls) throw new Error('tls-write to a connection that is not open')
    actions.command({ type: 'tls-output', tls: id, bytes: tls.write(bytes) })
  }

  #report(tls: TlsId, results: readonly FakeTlsResult[], actions: SurroundingActions): void {
    for (const result of results) {
      if (result.type === 'output') actions.command({ type: 'tls-output', tls, bytes: result.bytes })
      else if (result.type === 'plaintext') this.#hear(tls, result.bytes, actions)
      else if (result.type === 'established')
        actions.command({ type: 'tls-established', tls, established: result.established })
      else actions.command({ type: 'tls-failed', tls, reason: result.reason })
    }
  }

  #hear(tls: TlsId, bytes: Uint8Array, actions: SurroundingActions): void {
    if (this.recordsPlaintext) this.plaintext.push(utf8Text(bytes))
    actions.command({ type: 'tls-plaintext', tls, bytes })
  }

  #decide(id: number, request: OpenVpnRequest, actions: SurroundingActions): void {
    this.requests.push(request)
    const reply = this.#options.decide(request)
    if (reply) actions.command({ type: 'reply', id, reply })
  }
}

/** Whether what `from` sends now can be read at `to`: the key is there, and both halves fit. */
export function dataPasses(from: FakeFlow, to: FakeFlow): boolean {
  const sent = from.selected === undefined ? undefined : from.keys.get(from.selected)
  const received = sent && to.keys.get(sent.keyId)
  if (!sent || !received) return false
  const shape = ({ cipher, digest, format, compression }: DataKeys): string =>
    `${cipher} ${digest} ${format} ${compression}`
  const flat = (keys: DataKeys['send']): string => concatBytes([keys.cipherKey, keys.authKey]).join()
  return (
    shape(sent) === shape(received) &&
    flat(sent.send) === flat(received.receive) &&
    sent.send.cipherKey.some(b => b > 0)
  )
}

function removeKey(flow: FakeFlow, keyId: KeyId): void {
  if (flow.selected === keyId) throw new Error('remove-key of the key that is sent with')
  flow.keys.delete(keyId)
}
