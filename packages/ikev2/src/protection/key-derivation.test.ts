import { createNodeCrypto } from '@causeway/crypto-node'
import { concatBytes } from '@causeway/wire'
import { expect, test } from 'vitest'
import { recorded as hex } from '../testing/recorded-life.suite.ts'
import { deriveChildKeys } from './child-keys.ts'
import { deriveIkeKeys, deriveRekeyedIkeKeys } from './ike-keys.ts'
import { prf, prfPlus } from './prf.ts'

/*
 * NIST CAVP, SP 800-135 IKEv2 KDF, first SHA-1 vector, as the tests of NSS and libreswan quote it:
 * 132 bytes of DKM, just what AES-CBC-128 with HMAC-SHA1-96 and HMAC-SHA1 takes.
 */
const inputs = {
  secret: hex('4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52'),
  initiatorNonce: hex('32b50d5f4a3763f3'),
  responderNonce: hex('9206a04b26564cb1'),
  initiatorSpi: hex('34c9e7c188868785'),
  responderSpi: hex('3ff77d760d2b2199'),
}
const newSecret = hex('863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330')
const DKM =
  'a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062768b76606f9fa5e9' +
  '92204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c549fd1119' +
  '8af1670b143d384bd275c5f594cf266b05ebadca855e4249520a441a81157435a7a56cc4'
const CHILD_DKM =
  '8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c5811a8e7b5d1cdabd9560b2d5e092d1f24e' +
  '2d4b85eccdf0ad0dc9abd94b51ee71814ca6dbc8bb51b6309f5b9545c7eb35cf5580b1e521a8fe20754a2d883ba0c2cf' +
  '285f524aea6545b3'
const CHILD_DKM_DH =
  'bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d37301628190e38c66232eab4b3ab14c400a519' +
  '7dd3730ed4820a8a10394d51e1c0400052f63ebd36b0e7ef53aaed31eba4a5080d7d4b5666023a8bbb5ffb7857240f9a' +
  '05884d1b7d2f9337'
const REKEYED_SKEYSEED = '63e81194946ebd05df7df5ebf5d8750056bf1f1d'

const crypto = createNodeCrypto()
const suite = {
  encryption: 'AES-CBC-128',
  integrity: 'HMAC-SHA1-96',
  prf: 'HMAC-SHA1',
  group: 'MODP-1024',
} as const

test('CAVP: keys of an IKE SA', () => {
  const { skD, skAi, skAr, skEi, skEr, skPi, skPr } = deriveIkeKeys(crypto, suite, inputs)
  expect([skD, skAi, skAr, skEi, skEr, skPi, skPr].map(({ length }) => length)).toEqual([
    20, 20, 20, 16, 16, 20, 20,
  ])
  expect(concatBytes([skD, skAi, skAr, skEi, skEr, skPi, skPr])).toEqual(hex(DKM))
})

test('CAVP: keys of an IKE SA from the SKEYSEED of a rekey', () => {
  const skD = hex(DKM).subarray(0, 20)
  const keys = deriveRekeyedIkeKeys(crypto, suite, { ...inputs, secret: newSecret }, skD, 'HMAC-SHA1')
  const { secret: _secret, ...seed } = inputs
  const expected = prfPlus(crypto, 'HMAC-SHA1', hex(REKEYED_SKEYSEED), Object.values(seed), 20)
  expect(keys.skD).toEqual(expected)
})

test('a rekey to another PRF makes SKEYSEED with the old one and the keys with the new one', () => {
  const skD = hex(DKM).subarray(0, 20)
  const next = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' } as const
  const keys = deriveRekeyedIkeKeys(crypto, next, { ...inputs, secret: newSecret }, skD, 'HMAC-SHA1')
  const { secret: _secret, ...seed } = inputs
  const skeyseed = prf(crypto, 'HMAC-SHA1', skD, [newSecret, inputs.initiatorNonce, inputs.responderNonce])
  expect(skeyseed).toEqual(hex(REKEYED_SKEYSEED))
  expect(keys.skD).toEqual(prfPlus(crypto, 'HMAC-SHA384', skeyseed, Object.values(seed), 48))
  expect([keys.skAi.length, keys.skEi.length, keys.skPr.length]).toEqual([0, 36, 48])
})

test('CAVP: keys of Child SAs with and without a new secret', () => {
  const skD = hex(DKM).subarray(0, 20)
  const { initiatorNonce, responderNonce } = inputs
  const nonces = { initiatorNonce, responderNonce }
  const esp = { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA1-96' } as const
  const joined = (secret?: Uint8Array) => {
    const given = secret ? { ...nonces, secret } : nonces
    const { toResponder, toInitiator } = deriveChildKeys(crypto, 'HMAC-SHA1', skD, esp, given)
    return concatBytes([
      toResponder.encryption,
      toResponder.integrity,
      toInitiator.encryption,
      toInitiator.integrity,
    ])
  }
  expect(joined()).toEqual(hex(CHILD_DKM))
  expect(joined(newSecret)).toEqual(hex(CHILD_DKM_DH))
})

test('prf+ ends at 255 blocks', () => {
  const key = new Uint8Array(20)
  expect(prfPlus(crypto, 'HMAC-SHA1', key, [], 255 * 20)).toHaveLength(5100)
  expect(() => prfPlus(crypto, 'HMAC-SHA1', key, [], 255 * 20 + 1)).toThrow(RangeError)
})
