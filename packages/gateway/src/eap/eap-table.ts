import type { Endpoint } from '@causeway/wire'
import type { PeerPlace } from '../authentication/identity.ts'
import { networkOf } from '../listener/connection-census.ts'
import type { EapAccess } from './eap-access.ts'
import { EapConversation, type EapConversationOptions } from './eap-conversation.ts'

/** How a conversation's end and its packets reach the session that carries it. */
export interface EapCarrier
  extends Omit<EapConversationOptions, 'crypto' | 'methods' | 'tlsContext' | 'relay'> {
  readonly place: PeerPlace & { readonly remote: Endpoint }
}

/**
 * Conversations at a time. Each holds a TLS server and what a stranger has sent of a message: 43 KB, and up to 64 KB
 * more.
 */
const CONVERSATIONS = 512

/**
 * The EAP conversations of a protocol's sessions. When there are too many, the network (IPv4 /24, IPv6 /64) that has
 * most of them loses its oldest: who begins many and finishes none keeps nobody else out.
 */
export class EapTable<Session> {
  readonly #access: EapAccess
  readonly #most: number
  readonly #running = new Map<
    Session,
    { readonly conversation: EapConversation; readonly carrier: EapCarrier }
  >()

  constructor(access: EapAccess, most: number = CONVERSATIONS) {
    this.#access = access
    this.#most = most
  }

  get size(): number {
    return this.#running.size
  }

  start(session: Session, carrier: EapCarrier): void {
    this.close(session)
    if (this.#running.size >= this.#most) this.#makeRoom()
    const { crypto, tlsContext, methods } = this.#access
    const relay = this.#access.relay(carrier.place)
    const options = { crypto, tlsContext, methods: methods(), ...(relay && { relay }) }
    const conversation = new EapConversation({ ...options, ...carrier })
    this.#running.set(session, { conversation, carrier })
    conversation.start()
  }

  handlePacket(session: Session, packet: Uint8Array): void {
    this.#running.get(session)?.conversation.handlePacket(packet)
  }

  /** The session needs it no more. */
  close(session: Session): void {
    this.#running.get(session)?.conversation.close()
    this.#running.delete(session)
  }

  closeAll(): void {
    for (const session of [...this.#running.keys()]) this.close(session)
  }

  #makeRoom(): void {
    const crowds = new Map<string, Session[]>()
    for (const [session, { carrier }] of this.#running) {
      const network = networkOf(carrier.place.remote.address)
      const crowd = crowds.get(network)
      if (crowd) crowd.push(session)
      else crowds.set(network, [session])
    }
    const [oldest] = [...crowds.values()].reduce((most, crowd) => (crowd.length > most.length ? crowd : most))
    if (oldest !== undefined) this.#drop(oldest)
  }

  #drop(session: Session): void {
    const carrier = this.#running.get(session)?.carrier
    this.close(session)
    carrier?.failed('too many EAP conversations are open, and this one was the oldest', undefined)
  }
}
