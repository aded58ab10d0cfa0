import {
  chosenEspProposal,
  chosenIkeProposal,
  type EspNegotiation,
  formatProposals,
  type IkeNegotiation,
  PAYLOAD,
  type Proposal,
  readChosenEspSuite,
  readChosenIkeSuite,
  readPayloads,
  selectEspSuite,
  selectIkeSuite,
  writePayloads,
} from '@causeway/ikev2'
import { ESP_SUITES, IKE_SUITES } from '../../packages/ikev2/src/testing/policies.suite.ts'
import { type FuzzTarget, requireSame } from '../target.ts'
import { PAYLOADS } from './ikev2-samples.ts'

const SPI = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9)

/**
 * A peer's SA payload against Azure's policies: what is chosen is in the policy, the answer holds only what
 * the chosen proposal held, and the peer reads the same suite from it.
 */
export const ikev2Proposals: FuzzTarget = {
  name: 'ikev2-proposals',
  seeds: () =>
    PAYLOADS.filter(({ type }) => type === 'SA').map(payload => writePayloads([payload]).bytes.subarray(4)),
  run: input => {
    const proposals = readProposals(input)
    if (!proposals) return
    for (const negotiation of ['initial', 'rekey'] as const) checkIke(proposals, negotiation)
    checkEsp(proposals, { initialExchange: true })
    checkEsp(proposals, { initialExchange: false })
    checkEsp(proposals, { initialExchange: false, keyExchange: 19 })
    if (formatProposals(proposals).length > 650) throw new Error('a log line without bounds')
  },
}

function readProposals(body: Uint8Array): readonly Proposal[] | undefined {
  const length = body.length + 4
  const payloads = readPayloads(PAYLOAD.SA, Uint8Array.of(0, 0, length >> 8, length & 0xff, ...body))
  if ('type' in payloads) return undefined
  const [sa] = payloads
  return sa?.type === 'SA' ? sa.proposals : undefined
}

function checkIke(proposals: readonly Proposal[], negotiation: IkeNegotiation): void {
  const choice = selectIkeSuite(IKE_SUITES, proposals, negotiation)
  if (!choice) return
  if (!IKE_SUITES.includes(choice.suite)) throw new Error('a suite outside the policy')
  const answer = chosenIkeProposal(choice, negotiation === 'initial' ? SPI.subarray(0, 0) : SPI)
  checkAnswer(proposals, answer)
  const read = readChosenIkeSuite([choice.suite], [{ ...answer, number: 1 }], negotiation)
  requireSame(read?.suite, choice.suite, 'the suite that the peer reads')
}

function checkEsp(proposals: readonly Proposal[], negotiation: EspNegotiation): void {
  const choice = selectEspSuite(ESP_SUITES, proposals, negotiation)
  if (!choice) return
  const { extendedSequence: _agreed, ...suite } = choice.suite
  const policy = ESP_SUITES.map(row => JSON.stringify(row))
  if (!policy.includes(JSON.stringify(suite))) throw new Error('a suite outside the policy')
  const answer = chosenEspProposal(choice, 0x01020304)
  checkAnswer(proposals, answer)
  const offer = { withGroup: true, extendedSequence: true }
  // Extended and plain numbers are one proposal, so the number is 1.
  const read = readChosenEspSuite([suite], offer, [{ ...answer, number: 1 }])
  requireSame(read?.suite, choice.suite, 'the suite that the peer reads')
}

function checkAnswer(proposals: readonly Proposal[], answer: Proposal): void {
  const chosen = proposals.find(({ number }) => number === answer.number)
  if (!chosen || chosen.protocol !== answer.protocol) throw new Error('an answer to no proposal')
  for (const { type, id, keyBits } of answer.transforms) {
    const sameOffered = chosen.transforms.some(
      one => one.type === type && one.id === id && one.keyBits === keyBits && !one.unknownAttribute,
    )
    if (!sameOffered) throw new Error(`transform ${type}:${id} was not offered`)
  }
}
