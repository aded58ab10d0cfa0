import type { GroupName } from '@causeway/crypto'
import { Reader, Writer } from '@causeway/wire'
import { PROTOCOL, TRANSFORM } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import { answeredRow, matchRow } from './match.ts'
import { combinations, groupRows, type Row, sameRow } from './offer.ts'
import type { AgreedEspSuite, EspSuite } from './suite.ts'
import {
  encryptionTransform,
  groupTransform,
  integrityTransform,
  sequenceTransform,
} from './transform-ids.ts'

/** What an initiator offers for a Child SA besides its suites. */
export interface EspOffer {
  /** `false`: without groups, as in IKE_AUTH and for peers that rekey without DH. */
  readonly withGroup: boolean
  /** Offer extended sequence numbers, plain ones after them. */
  readonly extendedSequence: boolean
}

/** The exchange that a Child SA is proposed in. */
export type EspNegotiation =
  /** IKE_AUTH: groups, the peer's and ours, are left out of account. */
  | { readonly initialExchange: true }
  /** CREATE_CHILD_SA. `keyExchange`: the group of the peer's KE payload, if it sent one. */
  | { readonly initialExchange: false; readonly keyExchange?: number }

/** What a responder chose of a peer's proposals. */
export interface EspChoice {
  readonly number: number
  /** Without a group when it comes from IKE_AUTH. */
  readonly suite: AgreedEspSuite
  /** The SPI that the peer receives by. */
  readonly spi: number
  /** For the answer. */
  readonly transforms: readonly Transform[]
}

/** The initiator's proposals for these suites, in few groups; `spi` is the one that it receives by. */
export function espProposals(
  suites: readonly EspSuite[],
  offer: EspOffer & { readonly spi: number },
): readonly Proposal[] {
  const rows = candidates(suites, offer).map(({ row }) => row)
  return groupRows(rows).map((transforms, index) => ({
    number: index + 1,
    protocol: PROTOCOL.ESP,
    spi: spiBytes(offer.spi),
    transforms,
  }))
}

/**
 * The first suite of our policy that one proposal of the peer holds whole; `undefined`: NO_PROPOSAL_CHOSEN. A
 * suite without a group takes proposals without one, or with NONE. Extended sequence numbers where they
 * are offered. Among suites that differ in the group alone, that of the peer's KE payload saves it a round
 * trip; a suite without a group is not passed over for it.
 */
export function selectEspSuite(
  policy: readonly EspSuite[],
  proposals: readonly Proposal[],
  negotiation: EspNegotiation,
): EspChoice | undefined {
  const { initialExchange } = negotiation
  const usable = proposals.filter(isUsable).map(one => (initialExchange ? withoutGroups(one) : one))
  const own = candidates(policy, { withGroup: !initialExchange, extendedSequence: true })
  const first = firstMatch(own, usable)
  if (!first?.suite.group || initialExchange || negotiation.keyExchange === undefined) return first
  const sent = negotiation.keyExchange
  const cheaper = own.filter(({ suite }) => sameButGroup(suite, first.suite) && hasGroup(suite.group, sent))
  return firstMatch(cheaper, usable) ?? first
}

/** The responder's answer to its choice; `spi` is the one that it receives by. */
export function chosenEspProposal({ number, transforms }: EspChoice, spi: number): Proposal {
  return { number, protocol: PROTOCOL.ESP, spi: spiBytes(spi), transforms }
}

/** What the responder chose of what was offered; `undefined`: its answer is none of it. */
export function readChosenEspSuite(
  offered: readonly EspSuite[],
  offer: EspOffer,
  proposals: readonly Proposal[],
): { readonly suite: AgreedEspSuite; readonly spi: number } | undefined {
  const [answer, ...more] = proposals
  if (!answer || more.length > 0 || !isUsable(answer)) return undefined
  const row = completed(answeredRow(answer))
  const sent = espProposals(offered, { ...offer, spi: 0 }).find(({ number }) => number === answer.number)
  if (!row || !sent || !combinations(sent.transforms).some(one => sameRow(one, row))) return undefined
  const chosen = candidates(offered, offer).find(one => sameRow(one.row, row))
  return chosen && { suite: chosen.suite, spi: spiNumber(answer.spi) }
}

/** A suite with what else is agreed on, and as transforms. */
interface Candidate {
  readonly suite: AgreedEspSuite
  readonly row: Row
}

/** A policy serves many handshakes: what it comes to is worked out once for each kind of offer. */
const KNOWN = new WeakMap<readonly EspSuite[], Map<string, readonly Candidate[]>>()

function candidates(suites: readonly EspSuite[], offer: EspOffer): readonly Candidate[] {
  const kind = `${offer.withGroup} ${offer.extendedSequence}`
  const known = KNOWN.get(suites) ?? new Map<string, readonly Candidate[]>()
  const found = known.get(kind) ?? findCandidates(suites, offer)
  KNOWN.set(suites, known.set(kind, found))
  return found
}

/** The suites with what else is agreed on, each once; plain sequence numbers after extended ones. */
function findCandidates(suites: readonly EspSuite[], offer: EspOffer): readonly Candidate[] {
  const found: Candidate[] = []
  for (const { group, ...rest } of suites) {
    const shaped = offer.withGroup && group ? { ...rest, group } : rest
    for (const extendedSequence of offer.extendedSequence ? [true, false] : [false]) {
      const suite = { ...shaped, extendedSequence }
      const row = rowOf(suite)
      if (!found.some(one => sameRow(one.row, row))) found.push({ suite, row })
    }
  }
  return found
}

function firstMatch(own: readonly Candidate[], proposals: readonly Proposal[]): EspChoice | undefined {
  for (const { suite, row } of own)
    for (const proposal of proposals) {
      const transforms = matchRow(row, proposal)
      if (transforms) return { number: proposal.number, suite, spi: spiNumber(proposal.spi), transforms }
    }
  return undefined
}

function rowOf({ encryption, integrity, group, extendedSequence }: AgreedEspSuite): Row {
  return [
    encryptionTransform(encryption),
    ...(integrity ? [integrityTransform(integrity)] : []),
    ...(group ? [groupTransform(group)] : []),
    sequenceTransform(extendedSequence),
  ]
}

/** An answer that says nothing of sequence numbers means plain ones. */
function completed(row: Row | undefined): Row | undefined {
  if (!row || row.some(({ type }) => type === TRANSFORM.ESN)) return row
  return [...row, sequenceTransform(false)]
}

function sameButGroup(a: AgreedEspSuite, b: AgreedEspSuite): boolean {
  return (
    a.encryption === b.encryption && a.integrity === b.integrity && a.extendedSequence === b.extendedSequence
  )
}

function hasGroup(group: GroupName | undefined, number: number): boolean {
  return group !== undefined && groupTransform(group).id === number
}

function withoutGroups(proposal: Proposal): Proposal {
  return { ...proposal, transforms: proposal.transforms.filter(({ type }) => type !== TRANSFORM.GROUP) }
}

/** SPIs up to 255 are reserved (RFC 4303 §2.1). */
function isUsable({ protocol, spi }: Proposal): boolean {
  return protocol === PROTOCOL.ESP && spi.length === 4 && spiNumber(spi) > 255
}

function spiBytes(spi: number): Uint8Array {
  return new Writer(4).u32(spi).finish()
}

function spiNumber(spi: Uint8Array): number {
  return new Reader(spi).u32('SPI')
}
