import { type IpAddress, ipAddress, type TrafficSelector } from '@causeway/wire'
import fc from 'fast-check'
import { NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { IkeHeader, Payload, PayloadOf, Proposal, Transform } from '../wire/payload.ts'

const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const exactly = (length: number) => bytes(length, length)

export const headers: fc.Arbitrary<IkeHeader> = fc.record({
  initiatorSpi: exactly(8),
  responderSpi: exactly(8),
  exchange: u8,
  fromInitiator: fc.boolean(),
  response: fc.boolean(),
  messageId: fc.nat(0xffffffff),
})

const transforms: fc.Arbitrary<Transform> = fc.record(
  { type: u8, id: u16, keyBits: u16 },
  { requiredKeys: ['type', 'id'] },
)

const proposals: fc.Arbitrary<Omit<Proposal, 'number'>> = fc
  .oneof(
    fc.record({ protocol: fc.constant(PROTOCOL.IKE), spi: fc.oneof(exactly(0), exactly(8)) }),
    fc.record({ protocol: fc.constantFrom(PROTOCOL.ESP, PROTOCOL.AH), spi: exactly(4) }),
    fc.record({ protocol: fc.integer({ min: 4, max: 255 }), spi: bytes(0, 20) }),
  )
  .chain(head => fc.array(transforms, { maxLength: 12 }).map(list => ({ ...head, transforms: list })))

/** What a Notify payload may name: a Child SA by its SPI, or nothing. */
const notifications: fc.Arbitrary<PayloadOf<'N'>> = fc.oneof(
  fc.record({
    type: fc.constant('N' as const),
    protocol: fc.constantFrom(PROTOCOL.ESP, PROTOCOL.AH),
    spi: exactly(4),
    notify: u16,
    data: bytes(0, 40),
  }),
  fc.record({
    type: fc.constant('N' as const),
    protocol: u8,
    spi: exactly(0),
    notify: u16.filter(number => number !== NOTIFY.REKEY_SA),
    data: bytes(0, 40),
  }),
)

const deletions: fc.Arbitrary<PayloadOf<'D'>> = fc.oneof(
  fc.constant({ type: 'D' as const, protocol: PROTOCOL.IKE, spis: [] }),
  fc.record({
    type: fc.constant('D' as const),
    protocol: fc.constantFrom(PROTOCOL.ESP, PROTOCOL.AH),
    spis: fc.array(exactly(4), { maxLength: 8 }),
  }),
)

const selectors: fc.Arbitrary<TrafficSelector> = fc
  .constantFrom(4, 16)
  .chain(length => fc.record({ protocol: u8, ports: fc.tuple(u16, u16), ends: pairOf(exactly(length)) }))
  .map(({ protocol, ports, ends }) => {
    const [startPort, endPort] = ports.sort((a, b) => a - b) as [number, number]
    const [start, end] = ends.map(ipAddress).sort(byValue) as [IpAddress, IpAddress]
    return { protocol, startPort, endPort, start, end }
  })

const identifications = fc
  .constantFrom(
    ['ID_IPV4_ADDR', 1] as const,
    ['ID_FQDN', 2] as const,
    ['ID_RFC822_ADDR', 3] as const,
    ['ID_IPV6_ADDR', 5] as const,
    ['ID_DER_ASN1_DN', 9] as const,
    ['ID_DER_ASN1_GN', 10] as const,
    ['ID_KEY_ID', 11] as const,
    ['other', 201] as const,
  )
  .chain(([type, number]) => bytes(0, 60).map(data => ({ type, number, data })))

/** Payloads as they are after reading, of every type. */
export const payloads: { readonly [Type in Payload['type']]: fc.Arbitrary<PayloadOf<Type>> } = {
  SA: fc
    .array(proposals, { minLength: 1, maxLength: 6 })
    .map(list => ({ type: 'SA', proposals: list.map((one, index) => ({ ...one, number: index + 1 })) })),
  KE: fc.record({ type: fc.constant('KE' as const), group: u16, data: bytes(0, 300) }),
  IDi: identifications.map(identification => ({ type: 'IDi', identification })),
  IDr: identifications.map(identification => ({ type: 'IDr', identification })),
  CERT: fc.record({ type: fc.constant('CERT' as const), encoding: u8, data: bytes(0, 300) }),
  CERTREQ: fc.record({ type: fc.constant('CERTREQ' as const), encoding: u8, authorities: bytes(0, 60) }),
  AUTH: fc.record({ type: fc.constant('AUTH' as const), method: u8, data: bytes(0, 300) }),
  NONCE: fc.record({ type: fc.constant('NONCE' as const), data: bytes(16, 256) }),
  N: notifications,
  D: deletions,
  V: fc.record({ type: fc.constant('V' as const), data: bytes(0, 40) }),
  TSi: fc.array(selectors, { maxLength: 8 }).map(list => ({ type: 'TSi', selectors: list })),
  TSr: fc.array(selectors, { maxLength: 8 }).map(list => ({ type: 'TSr', selectors: list })),
  CP: fc.record({
    type: fc.constant('CP' as const),
    configurationType: u8,
    attributes: fc.array(fc.record({ type: fc.nat(0x7fff), value: bytes(0, 20) }), { maxLength: 8 }),
  }),
  EAP: fc.record({ type: fc.constant('EAP' as const), packet: bytes(4, 60) }),
}

function pairOf<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> {
  return fc.tuple(arbitrary, arbitrary)
}

function byValue(a: IpAddress, b: IpAddress): number {
  const [x, y] = [a, b].map(({ bytes: value }) =>
    [...value].map(byte => byte.toString(16).padStart(2, '0')).join(''),
  )
  return (x as string) < (y as string) ? -1 : 1
}
