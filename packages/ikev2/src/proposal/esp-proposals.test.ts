import { expect, test } from 'vitest'
import { ESP_SUITES } from '../testing/policies.suite.ts'
import { PROTOCOL, TRANSFORM } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import {
  chosenEspProposal,
  type EspNegotiation,
  espProposals,
  readChosenEspSuite,
  selectEspSuite,
} from './esp-proposals.ts'
import { combinations } from './offer.ts'
import { formatProposals, formatSuite, formatSuites } from './proposal-text.ts'
import type { EspSuite } from './suite.ts'

const SPI = 0xc0ffee01
const FIRST: EspNegotiation = { initialExchange: true }
const LATER: EspNegotiation = { initialExchange: false }

const t = (type: number, id: number): Transform => ({ type, id })
const gcm = (keyBits: number): Transform => ({ type: TRANSFORM.ENCRYPTION, id: 20, keyBits })
const cbc = (keyBits: number): Transform => ({ type: TRANSFORM.ENCRYPTION, id: 12, keyBits })
const sha1 = t(TRANSFORM.INTEGRITY, 2)
const sha256 = t(TRANSFORM.INTEGRITY, 12)
const plain = t(TRANSFORM.ESN, 0)
const extended = t(TRANSFORM.ESN, 1)
const group = (id: number) => t(TRANSFORM.GROUP, id)

function proposal(number: number, ...transforms: Transform[]): Proposal {
  return { number, protocol: PROTOCOL.ESP, spi: Uint8Array.of(0, 1, 0, 0), transforms }
}

const select = (negotiation: EspNegotiation, ...proposals: Proposal[]) =>
  selectEspSuite(ESP_SUITES, proposals, negotiation)

test("Azure's 11 rows, in their order", () => {
  expect(ESP_SUITES).toHaveLength(11)
  expect(ESP_SUITES[0]).toEqual({ encryption: 'AES-GCM-16-256' })
  expect(ESP_SUITES[10]).toEqual({ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA1-96' })
})

test('with groups the rows are offered in few proposals, those without a group apart', () => {
  const offer = { spi: SPI, withGroup: true, extendedSequence: false }
  const offered = espProposals(ESP_SUITES, offer)
  expect(formatProposals(offered)).toBe(
    'ESP: AES-GCM-16-256/NO-ESN, AES-GCM-16-256/MODP-2048-256|MODP-2048|ECP-384|ECP-256/NO-ESN, ' +
      'AES-CBC-256/HMAC-SHA256-128|HMAC-SHA1-96/NO-ESN, ' +
      'AES-CBC-256/HMAC-SHA256-128/MODP-2048-256|MODP-2048|ECP-384|ECP-256/NO-ESN',
  )
  expect(offered.flatMap(({ transforms }) => combinations(transforms))).toHaveLength(11)
  expect(offered[0]?.spi).toEqual(Uint8Array.of(0xc0, 0xff, 0xee, 0x01))
})

test('without groups each cipher is offered once, with both kinds of sequence numbers', () => {
  const offer = { spi: SPI, withGroup: false, extendedSequence: true }
  expect(formatProposals(espProposals(ESP_SUITES, offer))).toBe(
    'ESP: AES-GCM-16-256/ESN|NO-ESN, AES-CBC-256/HMAC-SHA256-128|HMAC-SHA1-96/ESN|NO-ESN',
  )
})

test('row by row: what is offered is chosen, answered and read', () => {
  for (const suite of ESP_SUITES) {
    const offer = { withGroup: true, extendedSequence: true }
    const offered = espProposals([suite], { ...offer, spi: SPI })
    const choice = selectEspSuite(ESP_SUITES, offered, LATER)
    expect(choice).toMatchObject({ spi: SPI, suite: { ...suite, extendedSequence: true } })
    const answer = chosenEspProposal(choice as NonNullable<typeof choice>, 0x12345678)
    expect(readChosenEspSuite([suite], offer, [answer])).toEqual({
      suite: { ...suite, extendedSequence: true },
      spi: 0x12345678,
    })
    expect(readChosenEspSuite([suite], { ...offer, extendedSequence: false }, [answer])).toBeUndefined()
  }
})

test('in IKE_AUTH groups are left out of account, theirs and ours', () => {
  const [gcm24] = ESP_SUITES.filter(({ group: name }) => name === 'MODP-2048-256')
  const policy = [gcm24 as EspSuite]
  const bare = selectEspSuite(policy, [proposal(1, gcm(256), plain)], FIRST)
  expect(bare?.suite).toEqual({ encryption: 'AES-GCM-16-256', extendedSequence: false })
  const offered = selectEspSuite(policy, [proposal(1, gcm(256), group(14), plain)], FIRST)
  expect(offered?.suite).toEqual({ encryption: 'AES-GCM-16-256', extendedSequence: false })
  expect(offered?.transforms).toEqual([gcm(256), plain])
})

test('in CREATE_CHILD_SA a row without a group takes none, or NONE, which is answered', () => {
  expect(select(LATER, proposal(1, gcm(256), plain))?.suite.group).toBeUndefined()
  const none = select(LATER, proposal(1, gcm(256), group(14), group(0), plain))
  expect(none?.suite.group).toBeUndefined()
  expect(none?.transforms).toContainEqual(group(0))
  expect(select(LATER, proposal(1, gcm(256), group(14), plain))?.suite.group).toBe('MODP-2048')
  expect(select(LATER, proposal(1, gcm(256), group(5), plain))).toBeUndefined()
})

test('a policy of groups alone does not take a proposal without', () => {
  const policy = ESP_SUITES.filter(suite => suite.group)
  expect(selectEspSuite(policy, [proposal(1, gcm(256), plain)], LATER)).toBeUndefined()
})

test('among groups of one cipher that of the KE payload is taken; the cipher stays ours to choose', () => {
  const groups = [group(20), group(19), group(14)]
  const both = [proposal(1, cbc(256), sha256, ...groups, plain), proposal(2, gcm(256), ...groups, plain)]
  const keyExchange = (number: number): EspNegotiation => ({ initialExchange: false, keyExchange: number })
  expect(select(LATER, ...both)).toMatchObject({ number: 2, suite: { group: 'MODP-2048' } })
  expect(select(keyExchange(19), ...both)).toMatchObject({ number: 2, suite: { group: 'ECP-256' } })
  expect(select(keyExchange(5), ...both)).toMatchObject({ number: 2, suite: { group: 'MODP-2048' } })
  const apart = [
    proposal(1, cbc(256), sha256, group(19), plain),
    proposal(2, gcm(256), group(19), plain),
    proposal(3, gcm(256), group(14), extended),
  ]
  expect(select(keyExchange(19), ...apart), 'neither cipher nor sequence numbers are given up').toMatchObject(
    { number: 3 },
  )
  expect(select(keyExchange(19), apart[0] as Proposal, apart[2] as Proposal)).toMatchObject({ number: 3 })
  const policy: EspSuite[] = [
    { encryption: 'AES-GCM-16-256', group: 'MODP-2048' },
    { encryption: 'AES-GCM-16-128', group: 'ECP-256' },
  ]
  const keys = [proposal(1, gcm(128), group(19), plain), proposal(2, gcm(256), group(14), plain)]
  expect(selectEspSuite(policy, keys, keyExchange(19))?.number, 'nor key length').toBe(2)
  const optional = proposal(1, gcm(256), ...groups, group(0), plain)
  expect(select(keyExchange(19), optional)?.suite.group).toBeUndefined()
})

test('extended sequence numbers where they are offered, else plain, also when nothing is said', () => {
  expect(select(LATER, proposal(1, gcm(256), plain, extended))?.suite.extendedSequence).toBe(true)
  expect(select(LATER, proposal(1, gcm(256), extended))?.suite.extendedSequence).toBe(true)
  expect(select(LATER, proposal(1, gcm(256), plain))?.suite.extendedSequence).toBe(false)
  const silent = select(LATER, proposal(1, gcm(256)))
  expect(silent).toMatchObject({ suite: { extendedSequence: false }, transforms: [gcm(256)] })
  const offer = { withGroup: false, extendedSequence: false }
  expect(readChosenEspSuite(ESP_SUITES, offer, [proposal(1, gcm(256))])?.suite).toEqual({
    encryption: 'AES-GCM-16-256',
    extendedSequence: false,
  })
  expect(select(LATER, proposal(1, gcm(256), t(TRANSFORM.ESN, 2)))).toBeUndefined()
})

test("Windows' default proposals meet AES-256 with SHA-1, never DES, 3DES or NULL", () => {
  const encryptions = [cbc(256), cbc(128), t(TRANSFORM.ENCRYPTION, 3), t(TRANSFORM.ENCRYPTION, 2)]
  const windows = [...encryptions, t(TRANSFORM.ENCRYPTION, 11)].map((cipher, index) =>
    proposal(index + 1, cipher, sha1, plain),
  )
  expect(select(FIRST, ...windows)?.suite).toEqual({
    encryption: 'AES-CBC-256',
    integrity: 'HMAC-SHA1-96',
    extendedSequence: false,
  })
  expect(select(FIRST, ...windows.slice(1))).toBeUndefined()
})

test('reserved SPIs and other protocols are not taken', () => {
  const good = proposal(1, gcm(256), plain)
  expect(select(FIRST, good)?.spi).toBe(65536)
  expect(select(FIRST, { ...good, spi: Uint8Array.of(0, 0, 0, 255) })).toBeUndefined()
  expect(select(FIRST, { ...good, spi: Uint8Array.of(0, 0, 1, 0) })?.spi).toBe(256)
  expect(select(FIRST, { ...good, protocol: PROTOCOL.AH })).toBeUndefined()
  const offer = { withGroup: false, extendedSequence: false }
  const zero = { ...good, spi: new Uint8Array(4) }
  expect(readChosenEspSuite(ESP_SUITES, offer, [zero])).toBeUndefined()
})

test('a PRF has no place in a Child SA', () => {
  expect(select(FIRST, proposal(1, gcm(256), t(TRANSFORM.PRF, 5), plain))).toBeUndefined()
  expect(select(FIRST, proposal(1, gcm(256), t(TRANSFORM.PRF, 0), plain))).toBeUndefined()
})

test('suites as text', () => {
  expect(formatSuites(ESP_SUITES.slice(0, 2))).toBe('ESP: AES-GCM-16-256, AES-GCM-16-256/MODP-2048-256')
  expect(formatSuite(ESP_SUITES[10] as EspSuite)).toBe('AES-CBC-256/HMAC-SHA1-96')
})
