import { expect, test } from 'vitest'
import { tellByFirstBytes } from './first-bytes.ts'

test.each([
  ['a hard reset of version 2', [0x00, 0x36, 0x38], 'openvpn'],
  ['a hard reset of version 3', [0x01, 0x70, 0x50], 'openvpn'],
  ['a TLS ClientHello', [0x16, 0x03, 0x01], 'tls'],
  ['the first two bytes of a TLS record', [0x16, 0x03], 'tls'],
  ['nothing yet', [], 'incomplete'],
  ['half a length', [0x00], 'incomplete'],
  ['one byte of TLS', [0x16], 'incomplete'],
  ['a length alone', [0x00, 0x36], 'incomplete'],
  ['a packet shorter than a reset', [0x00, 0x0d, 0x38], 'unknown'],
  ['a server reset', [0x00, 0x36, 0x40], 'unknown'],
  ['a reset with another key id', [0x00, 0x36, 0x39], 'unknown'],
  ['HTTP without TLS', [0x47, 0x45, 0x54], 'unknown'],
  ['a content type of TLS with another version', [0x16, 0x02, 0x00], 'unknown'],
] as const)('%s', (_name, bytes, kind) => {
  expect(tellByFirstBytes(Uint8Array.from(bytes))).toBe(kind)
})
