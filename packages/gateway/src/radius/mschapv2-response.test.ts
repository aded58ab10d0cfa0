import { asciiBytes, formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import { md4 } from './md4.ts'
import { respondMschapv2 } from './mschapv2-response.ts'

// RFC 1320 A.5.
test.each([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
  [
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
    'e33b4ddc9c38f2199c3e7b164fcc0536',
  ],
])('MD4 of %j', (text, digest) => {
  expect(formatHex(md4(asciiBytes(text)))).toBe(digest)
})

test('MD4 of every length about the end of a block is a digest of its own', () => {
  const digests = Array.from({ length: 130 }, (_, length) => formatHex(md4(new Uint8Array(length))))
  expect(new Set(digests).size).toBe(130)
})

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

// RFC 2759 §9.2. The domain is not part of the name.
test.each(['User', 'CORP\\User'])('the response of %s is that of the RFC, and so is the proof', name => {
  const challenges = {
    challenge: hex('5b5d7c7d7b3f2f3e3c2c602132262628'),
    peerChallenge: hex('21402324255e262a28295f2b3a337c7e'),
  }
  const { credential, proof } = respondMschapv2(name, 'clientPass', challenges)
  expect(formatHex(credential.ntResponse)).toBe('82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df')
  expect(proof).toBe('S=407A5589115FD0D6209F510FE9C04566932CDA56')
})
