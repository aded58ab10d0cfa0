import { EXCHANGE, type IkeHeader, NOTIFY, type Payload } from '@causeway/ikev2'
import { type IpAddress, parseIpAddress } from '@causeway/wire'

const address = (text: string): IpAddress => parseIpAddress(text) as IpAddress
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a)
const none = new Uint8Array(0)

/** A header of IKE_AUTH. */
export const HEADER: IkeHeader = {
  initiatorSpi: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  responderSpi: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
  exchange: EXCHANGE.IKE_AUTH,
  fromInitiator: true,
  response: false,
  messageId: 1,
}

/** A payload of every type. */
export const PAYLOADS: readonly Payload[] = [
  {
    type: 'SA',
    proposals: [
      {
        number: 1,
        protocol: 1,
        spi: none,
        transforms: [
          { type: 1, id: 12, keyBits: 256 },
          { type: 2, id: 5 },
          { type: 3, id: 12 },
          { type: 4, id: 14 },
        ],
      },
      {
        number: 2,
        protocol: 1,
        spi: none,
        transforms: [
          { type: 1, id: 20, keyBits: 256 },
          { type: 2, id: 6 },
          { type: 4, id: 20 },
        ],
      },
    ],
  },
  {
    type: 'SA',
    proposals: [
      {
        number: 1,
        protocol: 3,
        spi: Uint8Array.of(0xc0, 1, 2, 3),
        transforms: [
          { type: 1, id: 20, keyBits: 256 },
          { type: 4, id: 0 },
          { type: 4, id: 19 },
          { type: 5, id: 1 },
          { type: 5, id: 0 },
        ],
      },
    ],
  },
  { type: 'KE', group: 19, data: bytes(64) },
  { type: 'IDi', identification: { type: 'ID_FQDN', number: 2, data: Uint8Array.of(97, 46, 98) } },
  { type: 'IDr', identification: { type: 'ID_IPV4_ADDR', number: 1, data: Uint8Array.of(192, 0, 2, 1) } },
  { type: 'CERT', encoding: 4, data: bytes(30) },
  { type: 'CERTREQ', encoding: 4, authorities: bytes(40) },
  { type: 'AUTH', method: 14, data: bytes(32) },
  { type: 'NONCE', data: bytes(32) },
  { type: 'N', protocol: 0, spi: none, notify: NOTIFY.COOKIE, data: bytes(8) },
  { type: 'N', protocol: 3, spi: bytes(4), notify: NOTIFY.REKEY_SA, data: none },
  { type: 'D', protocol: 1, spis: [] },
  { type: 'D', protocol: 3, spis: [bytes(4), bytes(4)] },
  { type: 'V', data: bytes(16) },
  {
    type: 'TSi',
    selectors: [
      {
        protocol: 0,
        startPort: 0,
        endPort: 65535,
        start: address('0.0.0.0'),
        end: address('255.255.255.255'),
      },
      { protocol: 17, startPort: 53, endPort: 53, start: address('2001:db8::'), end: address('2001:db8::f') },
    ],
  },
  {
    type: 'TSr',
    selectors: [
      { protocol: 6, startPort: 1, endPort: 9, start: address('10.0.0.1'), end: address('10.0.0.9') },
    ],
  },
  {
    type: 'CP',
    configurationType: 1,
    attributes: [
      { type: 1, value: none },
      { type: 23456, value: none },
      { type: 25, value: Uint8Array.of(97, 46, 98) },
    ],
  },
  { type: 'EAP', packet: Uint8Array.of(1, 1, 0, 5, 1) },
]
