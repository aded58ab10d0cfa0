import type { GroupName } from '@causeway/crypto'
import { formatTrafficSelector, Writer } from '@causeway/wire'
import { notify } from '../exchange/notify.ts'
import type { ChildSaKeys } from '../output.ts'
import {
  chosenEspProposal,
  type EspChoice,
  type EspNegotiation,
  selectEspSuite,
} from '../proposal/esp-proposals.ts'
import { formatProposals, formatSuites } from '../proposal/proposal-text.ts'
import type { EspSuite } from '../proposal/suite.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { deriveChildKeys } from '../protection/child-keys.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'
import { childLimit } from './child-limit.ts'
import type { ChildRequest } from './child-request.ts'
import type { ChildScope } from './children.ts'
import { childLimits } from './install-child.ts'
import { narrowSelectors } from './traffic-selectors.ts'

/** A peer's request for a Child SA, and what we hold against it. */
export interface AskedChild {
  readonly request: ChildRequest
  /** In order of preference. */
  readonly suites: readonly EspSuite[]
  /** What it may carry at most. */
  readonly scope: ChildScope
  readonly initiatorNonce: Uint8Array
  /** Ours. */
  readonly responderNonce: Uint8Array
  /** In CREATE_CHILD_SA: its KE payload, if it sent one. */
  readonly negotiation: 'initial' | { readonly keyExchange: PayloadOf<'KE'> | undefined }
}

export type ChildAnswer =
  /** `payloads`: SA, KE if there is one, TSi, TSr, notifications. Nothing is installed yet. */
  | { readonly type: 'agreed'; readonly payloads: readonly Payload[]; readonly keys: ChildSaKeys }
  /** `payloads`: one error notification. */
  | { readonly type: 'refused'; readonly payloads: readonly Payload[]; readonly reason: string }

/** Answers a request for a Child SA, in IKE_AUTH or CREATE_CHILD_SA. An SPI is taken only when it is agreed to. */
export function answerChild(sa: IkeSa, asked: AskedChild): ChildAnswer {
  const limit = childLimit(sa.terms)
  if (sa.children.all.size >= limit)
    return refused(NOTIFY.NO_ADDITIONAL_SAS, `${limit} Child SAs are there already`)
  const { request, suites, scope } = asked
  const choice = selectEspSuite(suites, request.proposals, negotiationOf(asked))
  if (!choice) return refused(NOTIFY.NO_PROPOSAL_CHOSEN, `no proposal chosen: ${bothSides(asked)}`)
  if (sa.children.bySendSpi(choice.spi))
    return refused(NOTIFY.NO_PROPOSAL_CHOSEN, 'the peer names a Child SA by the SPI of another')
  const narrowed = narrowSelectors({ local: request.responder, remote: request.initiator }, scope)
  if (!narrowed) return refused(NOTIFY.TS_UNACCEPTABLE, `no selector in common: ${bothScopes(asked)}`)
  const agreement = agree(sa, asked, choice.suite.group)
  if (agreement === 'wrong-group') return wrongGroup(choice.suite.group as GroupName, asked)
  if (agreement === 'bad-value') return refused(NOTIFY.INVALID_SYNTAX, 'an impossible public value')
  return agreed(sa, asked, choice, narrowed, agreement)
}

interface Agreement {
  readonly payload: PayloadOf<'KE'>
  readonly secret: Uint8Array
}

function agreed(
  sa: IkeSa,
  { initiatorNonce, responderNonce }: AskedChild,
  choice: EspChoice,
  { local, remote }: ChildScope,
  agreement: Agreement | undefined,
): ChildAnswer {
  const { crypto } = sa.surroundings
  const receiveSpi = sa.surroundings.newEspSpi()
  const { suite } = choice
  const { toResponder, toInitiator } = deriveChildKeys(crypto, sa.suite.prf, sa.keys.skD, suite, {
    ...(agreement && { secret: agreement.secret }),
    initiatorNonce,
    responderNonce,
  })
  return {
    type: 'agreed',
    payloads: [
      { type: 'SA', proposals: [chosenEspProposal(choice, receiveSpi)] },
      ...(agreement ? [agreement.payload] : []),
      { type: 'TSi', selectors: remote },
      { type: 'TSr', selectors: local },
      notify(NOTIFY.ESP_TFC_PADDING_NOT_SUPPORTED),
    ],
    keys: {
      receiveSpi,
      sendSpi: choice.spi,
      suite,
      receive: toResponder,
      send: toInitiator,
      local,
      remote,
      ...childLimits(sa, suite.extendedSequence),
    },
  }
}

/** The exchange's own key agreement, where the suite has a group. */
function agree(
  { surroundings }: IkeSa,
  { negotiation }: AskedChild,
  group: GroupName | undefined,
): Agreement | undefined | 'wrong-group' | 'bad-value' {
  if (!group || negotiation === 'initial') return undefined
  const { keyExchange } = negotiation
  const number = groupNumber(group)
  if (keyExchange?.group !== number) return 'wrong-group'
  const { publicValue, agree: agreeWith } = surroundings.crypto.createKeyAgreement(group)
  const secret = agreeWith(keyExchange.data)
  return secret ? { payload: { type: 'KE', group: number, data: publicValue }, secret } : 'bad-value'
}

function negotiationOf({ negotiation }: AskedChild): EspNegotiation {
  if (negotiation === 'initial') return { initialExchange: true }
  const { keyExchange } = negotiation
  return { initialExchange: false, ...(keyExchange && { keyExchange: keyExchange.group }) }
}

/** RFC 7296 §1.3: the group that we would take, in two bytes. */
function wrongGroup(group: GroupName, { negotiation }: AskedChild): ChildAnswer {
  const sent = negotiation === 'initial' ? undefined : negotiation.keyExchange?.group
  const data = new Writer(2).u16(groupNumber(group)).finish()
  return {
    type: 'refused',
    payloads: [notify(NOTIFY.INVALID_KE_PAYLOAD, data)],
    reason: `its KE payload is of group ${sent ?? 'none'}, ours of ${group}`,
  }
}

function refused(type: number, reason: string): ChildAnswer {
  return { type: 'refused', payloads: [notify(type)], reason }
}

function bothSides({ request, suites }: AskedChild): string {
  return `the peer proposes ${formatProposals(request.proposals)}; we have ${formatSuites(suites)}`
}

function bothScopes({ request, scope }: AskedChild): string {
  const peer = formatScope({ local: request.responder, remote: request.initiator })
  return `the peer proposes ${peer}; we have ${formatScope(scope)}`
}

/** `local === remote`, seen from us. */
export function formatScope({ local, remote }: ChildScope): string {
  const text = (list: ChildScope['local']) => list.map(formatTrafficSelector).join(' ') || 'nothing'
  return `${text(local)} === ${text(remote)}`
}
