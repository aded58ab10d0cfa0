import type { SignatureScheme } from '@causeway/crypto'
import { concatBytes, parseHex } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { chooseSignature, readSignature, writeSignature } from './signature.ts'
import { parseSignatureAlgorithm, signatureAlgorithm } from './signature-algorithm.ts'

const hex = (text: string) => parseHex(text) as Uint8Array

const pss = (oid: string, salt: string) =>
  `304106092a864886f70d01010a3034a00f300d06096086480165030402${oid}0500` +
  `a11c301a06092a864886f70d010108300d06096086480165030402${oid}0500a2030201${salt}`

/** RFC 7427 appendix A; RSASSA-PSS as in the CA/Browser Forum's Baseline Requirements §7.1.3.2.1. */
const ENCODINGS: [SignatureScheme, string][] = [
  [{ family: 'RSA-PKCS1', hash: 'SHA1' }, '300d06092a864886f70d0101050500'],
  [{ family: 'RSA-PKCS1', hash: 'SHA256' }, '300d06092a864886f70d01010b0500'],
  [{ family: 'RSA-PKCS1', hash: 'SHA384' }, '300d06092a864886f70d01010c0500'],
  [{ family: 'RSA-PKCS1', hash: 'SHA512' }, '300d06092a864886f70d01010d0500'],
  [{ family: 'ECDSA', hash: 'SHA1', encoding: 'DER' }, '300906072a8648ce3d0401'],
  [{ family: 'ECDSA', hash: 'SHA256', encoding: 'DER' }, '300a06082a8648ce3d040302'],
  [{ family: 'ECDSA', hash: 'SHA384', encoding: 'DER' }, '300a06082a8648ce3d040303'],
  [{ family: 'ECDSA', hash: 'SHA512', encoding: 'DER' }, '300a06082a8648ce3d040304'],
  [{ family: 'RSA-PSS', hash: 'SHA256' }, pss('01', '20')],
  [{ family: 'RSA-PSS', hash: 'SHA384' }, pss('02', '30')],
  [{ family: 'RSA-PSS', hash: 'SHA512' }, pss('03', '40')],
]

describe('AlgorithmIdentifier', () => {
  it.each(ENCODINGS)('of %o is written and read', (scheme, encoding) => {
    expect(signatureAlgorithm(scheme)).toEqual(hex(encoding))
    expect(parseSignatureAlgorithm(hex(encoding))).toEqual(scheme)
  })

  it('of RSASSA-PSS may spell out the trailer field, and leave out the parameters of hashes', () => {
    const trailer =
      '304606092a864886f70d01010a3039a00f300d06096086480165030402010500' +
      'a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101'
    const bare =
      '303d06092a864886f70d01010a3030a00d300b0609608648016503040201' +
      'a11a301806092a864886f70d010108300b0609608648016503040201a203020120'
    for (const encoding of [trailer, bare])
      expect(parseSignatureAlgorithm(hex(encoding))).toEqual({ family: 'RSA-PSS', hash: 'SHA256' })
  })

  it.each([
    ['with another salt', pss('01', '14')],
    [
      'with two hashes',
      pss('01', '20').replace('0108300d06096086480165030402010500', '0108300d06096086480165030402020500'),
    ],
    ['of RSASSA-PSS by default: SHA-1', '300d06092a864886f70d01010a3000'],
    ['of MD5', '300d06092a864886f70d0101040500'],
    ['with a byte behind it', '300d06092a864886f70d01010b050000'],
    ['without NULL', '300b06092a864886f70d01010b'],
    ['with a long length', '30810d06092a864886f70d01010b0500'],
    ['that is empty', ''],
  ])('%s is not known', (_name, encoding) => {
    expect(parseSignatureAlgorithm(hex(encoding))).toBeUndefined()
  })

  it('is there for nothing else', () => {
    expect(signatureAlgorithm({ family: 'RSA-PSS', hash: 'SHA1' })).toBeUndefined()
    expect(signatureAlgorithm({ family: 'ECDSA', hash: 'SHA256', encoding: 'IEEE-P1363' })).toBeUndefined()
  })
})

describe('a signature', () => {
  const schemes = ENCODINGS.map(([scheme]) => scheme)

  it('is chosen in our order among the hashes that the peer names', () => {
    expect(chooseSignature(schemes, new Set([3]))?.scheme).toEqual({ family: 'RSA-PKCS1', hash: 'SHA384' })
    expect(chooseSignature(schemes.slice(8), new Set([4, 2]))?.scheme).toEqual({
      family: 'RSA-PSS',
      hash: 'SHA256',
    })
  })

  it('falls back on the old methods only where our schemes name them', () => {
    expect(chooseSignature(schemes, new Set())).toMatchObject({ method: 1 })
    expect(chooseSignature(schemes.slice(1), new Set())).toBeUndefined()
    expect(chooseSignature(schemes.slice(1), new Set([5]))).toBeUndefined()
    const p384 = { family: 'ECDSA', hash: 'SHA384', encoding: 'IEEE-P1363' } as const
    expect(chooseSignature([p384], new Set([2]))).toMatchObject({ method: 10 })
  })

  it('is read as it was written', () => {
    const signature = Uint8Array.of(1, 2, 3)
    for (const scheme of schemes) {
      const choice = chooseSignature([scheme], new Set([1, 2, 3, 4]))
      if (!choice) throw new Error('no choice')
      expect(readSignature(writeSignature(choice, signature))).toEqual({ scheme, signature })
    }
  })

  it.each([
    ['nothing', ''],
    ['a length past its end', 'ff300d'],
    ['another algorithm', '02ffff01'],
    ['length 0', '00aabb'],
  ])('of method 14 with %s is refused', (_name, data) => {
    expect(readSignature({ type: 'AUTH', method: 14, data: hex(data) })).toBeTypeOf('string')
  })

  it.each([
    [9, 64],
    [10, 96],
    [11, 132],
  ])('of method %i has the length of its curve', (method, length) => {
    const read = (bytes: number) => readSignature({ type: 'AUTH', method, data: new Uint8Array(bytes) })
    expect(read(length)).toMatchObject({ scheme: { encoding: 'IEEE-P1363' } })
    for (const other of [0, length - 2, length + 32]) expect(read(other)).toBeTypeOf('string')
  })

  it.each([0, 2, 3, 12, 13, 255])('of method %i is refused', method => {
    const data = concatBytes([new Uint8Array(64)])
    expect(readSignature({ type: 'AUTH', method, data })).toMatch(/no signature that is known/)
  })
})
