import { PROTOCOL } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import { answeredRow, matchRow } from './match.ts'
import { combinations, groupRows, type Row, sameRow } from './offer.ts'
import type { IkeSuite } from './suite.ts'
import { encryptionTransform, groupTransform, integrityTransform, prfTransform } from './transform-ids.ts'

/** IKE_SA_INIT: proposals carry no SPI. A rekey: they carry the sender's of 8 bytes (RFC 7296 §3.3.1). */
export type IkeNegotiation = 'initial' | 'rekey'

/** What a responder chose of a peer's proposals. */
export interface IkeChoice {
  /** Of the proposal that it was found in. */
  readonly number: number
  readonly suite: IkeSuite
  /** The initiator's; empty in IKE_SA_INIT. */
  readonly spi: Uint8Array
  /** For the answer. */
  readonly transforms: readonly Transform[]
}

/** The initiator's proposals for these suites, in few groups. `spi`: empty in IKE_SA_INIT. */
export function ikeProposals(suites: readonly IkeSuite[], spi: Uint8Array): readonly Proposal[] {
  return groupRows(suites.map(rowOf)).map((transforms, index) => ({
    number: index + 1,
    protocol: PROTOCOL.IKE,
    spi,
    transforms,
  }))
}

/** The first suite of our policy that one proposal of the peer holds whole; `undefined`: NO_PROPOSAL_CHOSEN. */
export function selectIkeSuite(
  policy: readonly IkeSuite[],
  proposals: readonly Proposal[],
  negotiation: IkeNegotiation,
): IkeChoice | undefined {
  const usable = proposals.filter(proposal => isUsable(proposal, negotiation))
  for (const suite of policy) {
    const row = rowOf(suite)
    for (const proposal of usable) {
      const transforms = matchRow(row, proposal)
      if (transforms) return { number: proposal.number, suite, spi: proposal.spi, transforms }
    }
  }
  return undefined
}

/** The responder's answer to its choice; `spi` is its own, empty in IKE_SA_INIT. */
export function chosenIkeProposal({ number, transforms }: IkeChoice, spi: Uint8Array): Proposal {
  return { number, protocol: PROTOCOL.IKE, spi, transforms }
}

/** What the responder chose of the suites that were offered; `undefined`: its answer is none of them. */
export function readChosenIkeSuite(
  offered: readonly IkeSuite[],
  proposals: readonly Proposal[],
  negotiation: IkeNegotiation,
): { readonly suite: IkeSuite; readonly spi: Uint8Array } | undefined {
  const [answer, ...more] = proposals
  if (!answer || more.length > 0 || !isUsable(answer, negotiation)) return undefined
  const row = answeredRow(answer)
  const sent = ikeProposals(offered, answer.spi).find(({ number }) => number === answer.number)
  if (!row || !sent || !combinations(sent.transforms).some(one => sameRow(one, row))) return undefined
  const suite = offered.find(one => sameRow(rowOf(one), row))
  return suite && { suite, spi: answer.spi }
}

function isUsable({ protocol, spi }: Proposal, negotiation: IkeNegotiation): boolean {
  if (protocol !== PROTOCOL.IKE) return false
  return negotiation === 'initial' ? spi.length === 0 : spi.length === 8 && spi.some(byte => byte !== 0)
}

function rowOf({ encryption, integrity, prf, group }: IkeSuite): Row {
  return [
    encryptionTransform(encryption),
    prfTransform(prf),
    ...(integrity ? [integrityTransform(integrity)] : []),
    groupTransform(group),
  ]
}
