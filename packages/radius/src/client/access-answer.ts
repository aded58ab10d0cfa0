import type { CryptoPort } from '@causeway/crypto'
import { type IpAddress, type IpPrefix, Reader, utf8Text, WireFault } from '@causeway/wire'
import { openMppeKey } from '../protection/user-password.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { attributeValue, attributeValues } from '../wire/attribute-values.ts'
import type { Continuation } from './client-command.ts'
import type { ServerId } from './client-options.ts'

/** The user may come in. */
export interface AccessAccept {
  readonly type: 'accept'
  readonly server: ServerId
  /** Who it is, in the server's words: this, not the claim, is the session's identity. */
  readonly userName: string | undefined
  /** To be sent with each accounting record. */
  readonly classes: readonly Uint8Array[]
  /** The address that the server wants the user to have; 255.255.255.254 and .255 leave it to us (RFC 2865 §5.8). */
  readonly framedAddress: IpAddress | undefined
  readonly framedNetmask: IpAddress | undefined
  readonly framedPool: string | undefined
  readonly framedIpv6Addresses: readonly IpAddress[]
  readonly framedIpv6Prefixes: readonly IpPrefix[]
  /** As the server wrote them: `prefix/bits gateway metric` (RFC 2865 §5.22). */
  readonly framedRoutes: readonly string[]
  readonly framedIpv6Routes: readonly string[]
  /** MS-Primary- and MS-Secondary-DNS-Server. */
  readonly dnsServers: readonly IpAddress[]
  readonly sessionTimeoutSeconds: number | undefined
  readonly idleTimeoutSeconds: number | undefined
  /** Less than 60 should be taken as 60 (RFC 2869 §5.16). */
  readonly interimSeconds: number | undefined
  readonly filterIds: readonly string[]
  /** MS-Azure-Policy-ID: the user's policy groups. */
  readonly policyIds: readonly Uint8Array[]
  readonly keys: MppeKeys | undefined
  readonly mschapv2Success: Mschapv2Success | undefined
  readonly eapPacket: Uint8Array | undefined
  readonly replyMessages: readonly string[]
}

/** MS-MPPE keys, opened: 16 bytes each of MS-CHAPv2, 32 of EAP-TLS. Of EAP they make the MSK (`eapMsk`). */
export interface MppeKeys {
  /** MS-MPPE-Send-Key: with which the gateway sends. */
  readonly send: Uint8Array
  readonly receive: Uint8Array
}

export interface Mschapv2Success {
  readonly identifier: number
  /** `S=` and 40 hexadecimal digits. */
  readonly message: string
}

/** The user may not. */
export interface AccessReject {
  readonly type: 'reject'
  readonly server: ServerId
  readonly eapPacket: Uint8Array | undefined
  /** MS-CHAP-Error. */
  readonly mschapError: MschapError | undefined
  /** For the user, in the server's words: whatever it wrote, not fit for a terminal or a page as it is. */
  readonly replyMessages: readonly string[]
}

export interface MschapError {
  readonly identifier: number
  /** As it goes to the peer: `E=691 R=1 C=… V=3 M=…` (RFC 2759 §6). */
  readonly message: string
  /** The number behind `E=`. */
  readonly error: number | undefined
  readonly isRetryAllowed: boolean
}

/** The user is asked for more. */
export interface AccessChallenge {
  readonly type: 'challenge'
  readonly server: ServerId
  /** Goes into the next access command. */
  readonly continuation: Continuation
  readonly eapPacket: Uint8Array | undefined
  /** What to ask the user for. */
  readonly replyMessages: readonly string[]
  /** How long the server waits for it. */
  readonly sessionTimeoutSeconds: number | undefined
}

/** What opens the answer's keys. */
export interface AnswerTerms {
  readonly crypto: Pick<CryptoPort, 'hash'>
  readonly server: ServerId
  readonly secret: Uint8Array
  /** The Request Authenticator. */
  readonly authenticator: Uint8Array
}

type Attributes = readonly RadiusAttribute[]

/** Reads an Access-Accept. Errors: `WireFault` when an attribute has not its form. */
export function readAccept(terms: AnswerTerms, attributes: Attributes): AccessAccept {
  const dns = (name: 'MS-Primary-DNS-Server' | 'MS-Secondary-DNS-Server') => attributeValues(attributes, name)
  const framed = attributeValue(attributes, 'Framed-IP-Address')
  return {
    type: 'accept',
    server: terms.server,
    userName: attributeValue(attributes, 'User-Name'),
    classes: attributeValues(attributes, 'Class'),
    framedAddress: framed && isAssigned(framed) ? framed : undefined,
    framedNetmask: attributeValue(attributes, 'Framed-IP-Netmask'),
    framedPool: attributeValue(attributes, 'Framed-Pool'),
    framedIpv6Addresses: attributeValues(attributes, 'Framed-IPv6-Address'),
    framedIpv6Prefixes: attributeValues(attributes, 'Framed-IPv6-Prefix'),
    framedRoutes: attributeValues(attributes, 'Framed-Route'),
    framedIpv6Routes: attributeValues(attributes, 'Framed-IPv6-Route'),
    dnsServers: [...dns('MS-Primary-DNS-Server'), ...dns('MS-Secondary-DNS-Server')],
    sessionTimeoutSeconds: attributeValue(attributes, 'Session-Timeout'),
    idleTimeoutSeconds: attributeValue(attributes, 'Idle-Timeout'),
    interimSeconds: attributeValue(attributes, 'Acct-Interim-Interval'),
    filterIds: attributeValues(attributes, 'Filter-Id'),
    policyIds: attributeValues(attributes, 'MS-Azure-Policy-ID'),
    keys: readKeys(terms, attributes),
    mschapv2Success: readSuccess(attributes),
    ...readTalk(attributes),
  }
}

/** Reads an Access-Reject. Errors: `WireFault`. */
export function readReject({ server }: AnswerTerms, attributes: Attributes): AccessReject {
  return { type: 'reject', server, mschapError: readMschapError(attributes), ...readTalk(attributes) }
}

/** Reads an Access-Challenge. Errors: `WireFault`. */
export function readChallenge({ server }: AnswerTerms, attributes: Attributes): AccessChallenge {
  return {
    type: 'challenge',
    server,
    continuation: { server, state: attributeValue(attributes, 'State') },
    sessionTimeoutSeconds: attributeValue(attributes, 'Session-Timeout'),
    ...readTalk(attributes),
  }
}

function readTalk(attributes: Attributes): Pick<AccessReject, 'eapPacket' | 'replyMessages'> {
  return {
    eapPacket: attributeValue(attributes, 'EAP-Message'),
    replyMessages: attributeValues(attributes, 'Reply-Message'),
  }
}

/** One without the other is no pair of keys: a session that needs them is refused for want of both. */
function readKeys(terms: AnswerTerms, attributes: Attributes): MppeKeys | undefined {
  const open = (name: 'MS-MPPE-Send-Key' | 'MS-MPPE-Recv-Key') => {
    const value = attributeValue(attributes, name)
    if (!value) return undefined
    const key = openMppeKey(terms.crypto, terms.secret, terms.authenticator, value)
    if (!key) throw new WireFault('invalid', name, 0)
    return key
  }
  const [send, receive] = [open('MS-MPPE-Send-Key'), open('MS-MPPE-Recv-Key')]
  return send && receive ? { send, receive } : undefined
}

/** RFC 2548 §2.3.3: the identifier of the response, then text. */
function readSuccess(attributes: Attributes): Mschapv2Success | undefined {
  const value = attributeValue(attributes, 'MS-CHAP2-Success')
  if (!value) return undefined
  const reader = new Reader(value)
  return { identifier: reader.u8('Ident'), message: utf8Text(reader.rest()) }
}

function readMschapError(attributes: Attributes): MschapError | undefined {
  const value = attributeValue(attributes, 'MS-CHAP-Error')
  if (!value) return undefined
  const reader = new Reader(value)
  const identifier = reader.u8('Ident')
  const message = utf8Text(reader.rest())
  const error = /^E=([0-9]{1,5})\b/.exec(message)?.[1]
  return {
    identifier,
    message,
    error: error === undefined ? undefined : Number(error),
    isRetryAllowed: /\bR=1\b/.test(message),
  }
}

function isAssigned({ bytes }: IpAddress): boolean {
  return !(bytes[0] === 255 && bytes[1] === 255 && bytes[2] === 255 && (bytes[3] as number) >= 254)
}
