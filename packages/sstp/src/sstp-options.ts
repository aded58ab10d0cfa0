import type { CryptoPort } from '@causeway/crypto'
import type { PppAuthentication } from '@causeway/ppp'
import type { BindingHash } from './binding/binding-hash.ts'

/** A server of any number of calls, or a client of any number (load, tests). */
export interface SstpOptions {
  readonly role: 'server' | 'client'
  readonly crypto: Pick<CryptoPort, 'random' | 'equal' | 'hmac' | 'hash'>
  /** Asked for each new call. */
  readonly settings: () => SstpSettings
}

/** What the operator sets. */
export interface SstpSettings {
  /** Server: accepted, in order of preference. Client: agreed to. Never empty. */
  readonly authentication: readonly PppAuthentication[]
  /** Largest inner packet: our PPP MRU. 576 to 4087. */
  readonly tunnelMtu: number
  /** Ask a silent peer for a sign of life after so long ([MS-SSTP] §3.2.2.1 Hello timer: 60 s), and again before giving it up. */
  readonly helloMilliseconds: number
  /**
   * From the HTTP opening to CALL_CONNECT_REQUEST, and from its acknowledgement to a CALL_CONNECTED that holds
   * ([MS-SSTP] §3.3.2.1 Negotiation timer: 60 s).
   */
  readonly negotiationMilliseconds: number
  /** Client: network protocols to ask for. */
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** Server: the name in a CHAP challenge. */
  readonly name: string
  /** Hashes for the crypto binding. Server: offered and accepted. Client: able to. Absent: both. */
  readonly bindingHashes?: readonly BindingHash[]
}
