import type { Instant } from '@causeway/engine'
import { Reader } from '@causeway/wire'
import { childRefused } from '../child/child-refused.ts'
import type { ChildScope } from '../child/children.ts'
import { forgetOffer } from '../child/delete-child.ts'
import { installFirst } from '../child/install-child.ts'
import { type ChildOffer, readChildResponse, withdrawOffer } from '../child/offer-child.ts'
import { findNotify } from '../exchange/notify.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { readConfigurationReply } from './configuration.ts'
import { establish } from './establish.ts'
import type { Server } from './server-proof.ts'

/** A responder that has proved itself, is trusted, and has let us in. */
export interface Entry {
  readonly server: Server
  readonly offer: ChildOffer | undefined
  /** What the server may ask for later. */
  readonly scope: ChildScope
  /** Of the last response. */
  readonly payloads: readonly Payload[]
}

/** What the last response of IKE_AUTH brings about at the initiator. */
export function comeIn(sa: IkeSa, initial: InitialMessages, entry: Entry, now: Instant): void {
  const { server, offer, scope, payloads } = entry
  const { session, surroundings, peer } = sa
  sa.children.scope = scope
  peer.mobike = findNotify(payloads, NOTIFY.MOBIKE_SUPPORTED) !== undefined
  peer.authLifetimeSeconds = authLifetime(payloads)
  establish(sa, { method: server.method, identification: server.identification, initialContact: false }, now)
  const configuration = readConfigurationReply(payloads)
  if (configuration) surroundings.emit({ type: 'configure', session, configuration })
  if (offer) openFirstChild(sa, initial, offer, payloads, now)
}

/** Refused: the IKE SA goes on without (RFC 7296 §1.2), and the gateway is told. */
function openFirstChild(
  sa: IkeSa,
  { initiatorNonce, responderNonce }: InitialMessages,
  offer: ChildOffer,
  payloads: readonly Payload[],
  now: Instant,
): void {
  const response = readChildResponse(sa, offer, payloads, { initiatorNonce, responderNonce })
  if (response.type === 'agreed') {
    installFirst(sa, response.keys, now)
    return
  }
  const refusal =
    response.type === 'refused'
      ? response
      : { reason: 'the server wants a group, where none belongs', byPeer: true, installed: false }
  childRefused(sa, refusal.reason, refusal.byPeer)
  if (refusal.installed) forgetOffer(sa, offer, now)
  else withdrawOffer(sa, offer)
}

/** RFC 4478 §3: seconds, in four bytes. */
function authLifetime(payloads: readonly Payload[]): number | undefined {
  const data = findNotify(payloads, NOTIFY.AUTH_LIFETIME)?.data
  return data?.length === 4 ? new Reader(data).u32('AUTH_LIFETIME') : undefined
}
