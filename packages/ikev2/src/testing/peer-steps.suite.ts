import { Writer } from '@causeway/wire'
import fc from 'fast-check'
import { notify } from '../exchange/notify.ts'
import { espProposals } from '../proposal/esp-proposals.ts'
import { ikeProposals } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { payloads as arbitraryPayloads } from './payload-arbitraries.suite.ts'
import { STRANGER_CRYPTO } from './stranger.suite.ts'
import { network, TERMS } from './terms.suite.ts'

/** What happens next between a peer that has keys and an engine. `from`: which of the peer's addresses. */
export type Step =
  | {
      readonly type: 'say'
      readonly exchange: number
      readonly payloads: readonly Payload[]
      readonly from: number
    }
  /** To the request of ours that is out, if one is. */
  | { readonly type: 'respond'; readonly payloads: readonly Payload[]; readonly from: number }
  /** The gateway wants something; of its Child SAs that with this number. */
  | { readonly type: 'command'; readonly which: number; readonly pick: number }
  | { readonly type: 'wait'; readonly milliseconds: number }

/** How many kinds of commands there are. */
export const COMMANDS = 8

const SUITE = TERMS.ikeSuites[0] as IkeSuite

/** Few values, so that they meet. */
const espSpis = fc.integer({ min: 0x1000, max: 0x1008 })
const nonces = fc.uint8Array({ minLength: 16, maxLength: 40 })
const selectors = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('0.0.0.0/0') },
      { weight: 3, arbitrary: fc.constantFrom('10.1.0.0/16', '10.2.0.0/16', '10.1.5.0/24') },
      { weight: 1, arbitrary: fc.constantFrom('172.16.0.0/12', '::/0') },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(list => list.map(network))

const child: fc.Arbitrary<Payload[]> = fc
  .record({ spi: espSpis, nonce: nonces, initiator: selectors, responder: selectors })
  .map(({ spi, nonce, initiator, responder }) => [
    {
      type: 'SA',
      proposals: espProposals(TERMS.espSuites, { spi, withGroup: false, extendedSequence: true }),
    },
    { type: 'NONCE', data: nonce },
    { type: 'TSi', selectors: initiator },
    { type: 'TSr', selectors: responder },
  ])

const ikeSa: fc.Arbitrary<Payload[]> = fc.record({ spi: espSpis, nonce: nonces }).map(({ spi, nonce }) => [
  { type: 'SA', proposals: ikeProposals([SUITE], new Writer(8).u32(1).u32(spi).finish()) },
  { type: 'NONCE', data: nonce },
  { type: 'KE', group: groupNumber(SUITE.group), data: publicValue() },
])

const rekeyNotify: fc.Arbitrary<Payload> = espSpis.map(spi => ({
  type: 'N',
  protocol: PROTOCOL.ESP,
  spi: spiBytes(spi),
  notify: NOTIFY.REKEY_SA,
  data: new Uint8Array(),
}))

const deletes: fc.Arbitrary<Payload> = fc
  .array(espSpis, { maxLength: 4 })
  .map(spis => ({ type: 'D', protocol: PROTOCOL.ESP, spis: spis.map(spiBytes) }))

const notifies: fc.Arbitrary<Payload> = fc
  .tuple(
    fc.constantFrom(
      NOTIFY.UPDATE_SA_ADDRESSES,
      NOTIFY.COOKIE2,
      NOTIFY.NAT_DETECTION_SOURCE_IP,
      NOTIFY.NAT_DETECTION_DESTINATION_IP,
      NOTIFY.NO_NATS_ALLOWED,
      NOTIFY.INITIAL_CONTACT,
      NOTIFY.TEMPORARY_FAILURE,
      NOTIFY.NO_PROPOSAL_CHOSEN,
      NOTIFY.NO_ADDITIONAL_SAS,
      NOTIFY.CHILD_SA_NOT_FOUND,
      NOTIFY.INVALID_KE_PAYLOAD,
    ),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(([type, data]) => notify(type, data))

const small = fc.oneof(deletes, notifies)
const together = fc.tuple(child, ikeSa, fc.array(fc.oneof(small, rekeyNotify), { maxLength: 2 }))
const messages: fc.Arbitrary<Payload[]> = fc.oneof(
  { weight: 6, arbitrary: child },
  { weight: 6, arbitrary: fc.tuple(rekeyNotify, child).map(([first, rest]) => [first, ...rest]) },
  { weight: 6, arbitrary: fc.array(small, { maxLength: 4 }) },
  { weight: 1, arbitrary: ikeSa },
  { weight: 1, arbitrary: together.map(lists => lists.flat()) },
  { weight: 1, arbitrary: fc.array(fc.oneof(...Object.values(arbitraryPayloads)), { maxLength: 5 }) },
)
const exchanges = fc.oneof(
  { weight: 4, arbitrary: fc.constant(EXCHANGE.CREATE_CHILD_SA) },
  { weight: 2, arbitrary: fc.constant(EXCHANGE.INFORMATIONAL) },
  { weight: 1, arbitrary: fc.constant(EXCHANGE.IKE_AUTH) },
)
const from = fc.integer({ min: 1, max: 3 })

/** Steps that mean something often enough, and are hostile in all of them. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('say' as const),
      exchange: exchanges,
      payloads: messages,
      from,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('respond' as const), payloads: messages, from }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('command' as const),
      which: fc.nat(COMMANDS - 1),
      pick: fc.nat(10),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('wait' as const), milliseconds: fc.nat(40_000) }),
  },
)

function spiBytes(spi: number): Uint8Array {
  return new Writer(4).u32(spi).finish()
}

function publicValue(): Uint8Array {
  return STRANGER_CRYPTO.createKeyAgreement(SUITE.group).publicValue
}
