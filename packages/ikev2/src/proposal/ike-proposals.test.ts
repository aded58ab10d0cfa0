import { expect, test } from 'vitest'
import { IKE_SUITES } from '../testing/policies.suite.ts'
import { PROTOCOL, TRANSFORM } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import { chosenIkeProposal, ikeProposals, readChosenIkeSuite, selectIkeSuite } from './ike-proposals.ts'
import { combinations } from './offer.ts'
import { formatProposals, formatSuites } from './proposal-text.ts'
import type { IkeSuite } from './suite.ts'

const NO_SPI = new Uint8Array(0)

const t = (type: number, id: number, keyBits?: number): Transform =>
  keyBits === undefined ? { type, id } : { type, id, keyBits }
const encryption = (id: number, bits?: number) => t(TRANSFORM.ENCRYPTION, id, bits)
const prf = (id: number) => t(TRANSFORM.PRF, id)
const integrity = (id: number) => t(TRANSFORM.INTEGRITY, id)
const group = (id: number) => t(TRANSFORM.GROUP, id)

function proposal(number: number, ...transforms: Transform[]): Proposal {
  return { number, protocol: PROTOCOL.IKE, spi: NO_SPI, transforms }
}

const select = (...proposals: Proposal[]) => selectIkeSuite(IKE_SUITES, proposals, 'initial')

test("Azure's 17 rows, in their order", () => {
  expect(IKE_SUITES).toHaveLength(17)
  expect(IKE_SUITES[0]).toEqual({
    encryption: 'AES-GCM-16-256',
    prf: 'HMAC-SHA384',
    group: 'MODP-2048-256',
  })
  expect(IKE_SUITES[16]).toEqual({
    encryption: 'AES-CBC-256',
    integrity: 'HMAC-SHA256-128',
    prf: 'HMAC-SHA256',
    group: 'MODP-1024',
  })
})

test('the rows are offered in three proposals that allow nothing else', () => {
  const offered = ikeProposals(IKE_SUITES, NO_SPI)
  expect(formatProposals(offered)).toBe(
    'IKE: AES-GCM-16-256/HMAC-SHA384|HMAC-SHA256/MODP-2048-256|MODP-2048|ECP-384|ECP-256, ' +
      'AES-CBC-256/HMAC-SHA384-192/HMAC-SHA384/MODP-2048-256|MODP-2048|ECP-384|ECP-256, ' +
      'AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-2048-256|MODP-2048|ECP-384|ECP-256|MODP-1024',
  )
  expect(offered.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(offered.flatMap(({ transforms }) => combinations(transforms))).toHaveLength(17)
})

test('row by row: what is offered is chosen, answered and read', () => {
  for (const suite of IKE_SUITES) {
    const choice = selectIkeSuite(IKE_SUITES, ikeProposals([suite], NO_SPI), 'initial')
    expect(choice?.suite).toEqual(suite)
    const answer = chosenIkeProposal(choice as NonNullable<typeof choice>, NO_SPI)
    expect(readChosenIkeSuite(IKE_SUITES, [{ ...answer, number: 9 }], 'initial')).toBeUndefined()
    expect(readChosenIkeSuite([suite], [answer], 'initial')).toEqual({ suite, spi: NO_SPI })
  }
})

test('our order decides, not that of the peer', () => {
  const backwards = ikeProposals([...IKE_SUITES].reverse(), NO_SPI)
  expect(selectIkeSuite(IKE_SUITES, backwards, 'initial')?.suite).toEqual(IKE_SUITES[0])
  const other = [...IKE_SUITES].reverse()
  expect(selectIkeSuite(other, backwards, 'initial')?.suite).toEqual(IKE_SUITES[16])
})

test('a row is only matched by ONE proposal', () => {
  const choice = select(
    proposal(1, encryption(12, 256), prf(5), integrity(12), group(5)),
    proposal(2, encryption(12, 128), prf(5), integrity(12), group(14)),
    proposal(3, encryption(12, 256), prf(5), integrity(2), group(14)),
  )
  expect(choice).toBeUndefined()
})

test('key lengths and attributes have to be exact', () => {
  const rest = [prf(5), integrity(12), group(14)]
  expect(select(proposal(1, encryption(12, 256), ...rest))?.number).toBe(1)
  expect(select(proposal(1, encryption(12), ...rest))).toBeUndefined()
  expect(select(proposal(1, encryption(12, 192), ...rest))).toBeUndefined()
  const marked = { ...encryption(12, 256), unknownAttribute: true }
  expect(select(proposal(1, marked, ...rest))).toBeUndefined()
  expect(select(proposal(1, marked, encryption(12, 256), ...rest))?.number).toBe(1)
})

test('GCM goes with no integrity or with NONE, which is answered; never with another', () => {
  const rest = [prf(6), group(19)]
  const plain = select(proposal(1, encryption(20, 256), ...rest))
  expect(plain?.suite.encryption).toBe('AES-GCM-16-256')
  expect(plain?.transforms).toEqual([encryption(20, 256), prf(6), group(19)])
  const none = select(proposal(1, encryption(20, 256), integrity(0), ...rest))
  expect(none?.transforms).toContainEqual(integrity(0))
  expect(select(proposal(1, encryption(20, 256), integrity(12), ...rest))).toBeUndefined()
})

test('an AES-CBC row is never taken without integrity', () => {
  expect(select(proposal(1, encryption(12, 256), prf(5), group(14)))).toBeUndefined()
  expect(select(proposal(1, encryption(12, 256), prf(5), integrity(0), group(14)))).toBeUndefined()
})

test('a transform type that is not known spoils its proposal only (RFC 7296 §3.3.6)', () => {
  const good = [encryption(12, 256), prf(5), integrity(12), group(14)]
  // RFC 9370's additional key exchange 1
  expect(select(proposal(1, ...good, t(6, 36)))).toBeUndefined()
  expect(select(proposal(1, ...good, t(6, 0)))).toBeUndefined()
  expect(select(proposal(1, ...good, t(6, 36)), proposal(2, ...good))?.number).toBe(2)
})

test('SPIs: none in IKE_SA_INIT, 8 bytes in a rekey, and only proposals for IKE', () => {
  const good = [encryption(12, 256), prf(5), integrity(12), group(14)]
  const withSpi = { ...proposal(1, ...good), spi: new Uint8Array(8).fill(7) }
  expect(select(withSpi)).toBeUndefined()
  expect(selectIkeSuite(IKE_SUITES, [withSpi], 'rekey')?.spi).toEqual(withSpi.spi)
  expect(selectIkeSuite(IKE_SUITES, [proposal(1, ...good)], 'rekey')).toBeUndefined()
  const zero = { ...withSpi, spi: new Uint8Array(8) }
  expect(selectIkeSuite(IKE_SUITES, [zero], 'rekey')).toBeUndefined()
  expect(select({ ...proposal(1, ...good), protocol: PROTOCOL.ESP })).toBeUndefined()
})

test("Windows' default proposals meet the one row with group 2", () => {
  const ciphers = [encryption(3), encryption(12, 256), encryption(12, 128), encryption(12, 192)]
  const hashes = [
    [integrity(2), prf(2)],
    [integrity(12), prf(5)],
    [integrity(13), prf(6)],
  ] as const
  const windows = ciphers.flatMap((cipher, i) =>
    hashes.map(([mac, function_], j) => proposal(3 * i + j + 1, cipher, mac, function_, group(2))),
  )
  const gcm = proposal(13, encryption(20, 256), prf(5), group(2))
  expect(select(...windows, gcm)).toMatchObject({ number: 5, suite: IKE_SUITES[16] })
})

test("Apple's first proposal meets AES-256, SHA-256 and group 14", () => {
  const apple = proposal(1, encryption(12, 256), integrity(12), prf(5), group(14))
  expect(select(apple)?.suite).toEqual(IKE_SUITES[13])
})

test('DES, 3DES and NULL are not even in the language of policies', () => {
  for (const id of [2, 3, 11]) {
    expect(select(proposal(1, encryption(id), prf(5), integrity(12), group(14)))).toBeUndefined()
    expect(select(proposal(1, encryption(id, 256), prf(5), integrity(12), group(14)))).toBeUndefined()
  }
})

test('an answer that is none of what was offered is not taken', () => {
  const offered: IkeSuite[] = [
    { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', prf: 'HMAC-SHA256', group: 'MODP-2048' },
    { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' },
  ]
  const good = [encryption(12, 256), prf(5), integrity(12), group(14)]
  const read = (...proposals: Proposal[]) => readChosenIkeSuite(offered, proposals, 'initial')?.suite
  expect(read(proposal(1, ...good))).toEqual(offered[0])
  expect(read(proposal(2, encryption(20, 256), integrity(0), prf(6), group(20)))).toEqual(offered[1])
  expect(read(proposal(2, ...good)), 'of another number').toBeUndefined()
  expect(read(proposal(1, ...good, group(20))), 'two of a type').toBeUndefined()
  expect(read(proposal(1, ...good.slice(1))), 'one missing').toBeUndefined()
  expect(read(proposal(1, encryption(12, 128), ...good.slice(1))), 'another key').toBeUndefined()
  expect(read(proposal(2, encryption(20, 256), prf(5), group(20))), 'a mixture').toBeUndefined()
  expect(read(proposal(1, ...good), proposal(2, ...good)), 'two proposals').toBeUndefined()
  expect(read(), 'nothing').toBeUndefined()
})

test('the log line of a refusal is bounded and says both sides', () => {
  const many = Array.from({ length: 60 }, (_, i) =>
    proposal(i + 1, encryption(3), prf(2), integrity(2), group(i)),
  )
  const text = formatProposals(many)
  expect(text).toMatch(/^IKE: 3DES\/HMAC-SHA1-96\/HMAC-SHA1\/NONE, .*, … \(\d+ more\)$/)
  expect(text.length).toBeLessThan(640)
  const [wide] = [proposal(1, ...many.flatMap(({ transforms }) => transforms))]
  expect(formatProposals([wide as Proposal]).length).toBeLessThan(640)
  expect(formatProposals([])).toBe('nothing')
  expect(formatProposals([proposal(1, encryption(99, 7), t(6, 36))])).toBe('IKE: 1:99-7/6:36')
  expect(formatSuites(IKE_SUITES.slice(15))).toBe(
    'IKE: AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/ECP-256, AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-1024',
  )
  expect(formatSuites([])).toBe('nothing')
})
