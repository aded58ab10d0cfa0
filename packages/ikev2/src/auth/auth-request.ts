import { type ChildRequest, readChildRequest } from '../child/child-request.ts'
import type { ConfigurationRequest } from '../configuration-payload.ts'
import { findNotify, findPayload } from '../exchange/notify.ts'
import { type Identification, sameIdentification } from '../identification.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'
import { readChain } from './certificates.ts'
import { readConfigurationRequest } from './configuration.ts'

/** What an initiator says in its first IKE_AUTH request (RFC 7296 §1.2). */
export interface AuthRequest {
  readonly identification: Identification
  /** Whom it wants to talk to, of those that we are. */
  readonly wanted: Identification | undefined
  /** Absent: it wants EAP (§2.16). */
  readonly auth: PayloadOf<'AUTH'> | undefined
  readonly chain: readonly Uint8Array[]
  readonly configuration: ConfigurationRequest | undefined
  /** Absent: no Child SA yet (RFC 6023). */
  readonly child: ChildRequest | undefined
  readonly initialContact: boolean
  readonly mobike: boolean
}

/** Why a request is refused, and what its sender is told. */
export interface RequestRefusal {
  readonly refused: string
  readonly notify: number
}

/** Payloads of which a second one could contradict the first. */
const SINGLE = ['IDi', 'IDr', 'AUTH', 'EAP', 'SA', 'TSi', 'TSr', 'CP'] as const

/**
 * Reads it, or says why it is refused. An IDr that names somebody else is no reason: we are who we are, and a client
 * that wants another one says so by refusing our certificate.
 */
export function readAuthRequest(payloads: readonly Payload[]): AuthRequest | RequestRefusal {
  const twice = findTwice(payloads)
  if (twice) return malformed(`two ${twice} payloads`)
  const idi = findPayload(payloads, 'IDi')
  if (!idi) return malformed('no IDi payload')
  const chain = readChain(payloads)
  if (typeof chain === 'string') return { refused: chain, notify: NOTIFY.AUTHENTICATION_FAILED }
  const configuration = readConfigurationRequest(payloads)
  const child = readChildRequest(payloads, configuration)
  if (typeof child === 'string') return malformed(child)
  return {
    identification: idi.identification,
    wanted: findPayload(payloads, 'IDr')?.identification,
    auth: findPayload(payloads, 'AUTH'),
    chain,
    configuration,
    child,
    initialContact: findNotify(payloads, NOTIFY.INITIAL_CONTACT) !== undefined,
    mobike: findNotify(payloads, NOTIFY.MOBIKE_SUPPORTED) !== undefined,
  }
}

function malformed(refused: string): RequestRefusal {
  return { refused, notify: NOTIFY.INVALID_SYNTAX }
}

/** What a responder calls itself to this initiator: what it was asked for, when that is one of its names. */
export function ownIdentification(
  terms: Pick<PeerTerms, 'identification' | 'otherIdentifications'>,
  { wanted }: Pick<AuthRequest, 'wanted'>,
): Identification {
  const { identification, otherIdentifications = [] } = terms
  if (!wanted) return identification
  return otherIdentifications.find(name => sameIdentification(name, wanted)) ?? identification
}

/** The name of a payload that stands twice where once is all it may. */
export function findTwice(payloads: readonly Payload[]): string | undefined {
  return SINGLE.find(type => payloads.filter(payload => payload.type === type).length > 1)
}
