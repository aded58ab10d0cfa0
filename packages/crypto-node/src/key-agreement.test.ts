import { type GroupName, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { formatHex, parseHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { createKeyAgreement } from './key-agreement.ts'
import { MODP_GROUPS, type ModpName } from './modp-groups.ts'
import { createNodeCrypto } from './node-crypto.ts'
import { leftPadded } from './plain-bytes.ts'
import { createSeededCrypto } from './seeded-crypto.ts'

const crypto = createNodeCrypto()
const GROUPS = Object.keys(PUBLIC_VALUE_BYTES) as GroupName[]
const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '').toLowerCase()) as Uint8Array
const integer = (bytes: Uint8Array) => BigInt(`0x${formatHex(bytes)}`)
const bytesOf = (value: bigint, length: number) => hex(value.toString(16).padStart(2 * length, '0'))
const withPrivateKey = (group: GroupName, key: string) => createKeyAgreement(() => hex(key), group)

describe.each(GROUPS)('%s', group => {
  const own = crypto.createKeyAgreement(group)
  const length = PUBLIC_VALUE_BYTES[group]

  test('both ends agree, and each pair on something else', () => {
    const other = crypto.createKeyAgreement(group)
    const secret = own.agree(other.publicValue)
    expect(own).toMatchObject({ group })
    expect(own.publicValue).toHaveLength(length)
    expect(secret).toHaveLength(group.startsWith('ECP') ? length / 2 : length)
    expect(other.agree(own.publicValue)).toEqual(secret)
    expect(crypto.createKeyAgreement(group).agree(own.publicValue)).not.toEqual(secret)
    expect(Object.getPrototypeOf(secret)).toBe(Uint8Array.prototype)
    expect(Object.getPrototypeOf(own.publicValue)).toBe(Uint8Array.prototype)
  })

  test('other lengths are refused', () => {
    const { publicValue } = crypto.createKeyAgreement(group)
    for (const wrong of [0, 1, length - 1]) expect(own.agree(publicValue.subarray(0, wrong))).toBeUndefined()
    expect(own.agree(leftPadded(publicValue, length + 1))).toBeUndefined()
    expect(own.agree(new Uint8Array([4, ...publicValue]))).toBeUndefined()
  })

  test('a seed determines the key pair', () => {
    const publicValue = (seed: number) => createSeededCrypto(seed).createKeyAgreement(group).publicValue
    expect(publicValue(1)).toEqual(publicValue(1))
    expect(publicValue(1)).not.toEqual(publicValue(2))
    const seeded = createSeededCrypto(1)
    const [first, second] = [seeded.createKeyAgreement(group), seeded.createKeyAgreement(group)]
    expect(first.publicValue).not.toEqual(second.publicValue)
  })

  test('agreements in the same group do not disturb each other', () => {
    const [a, b, c, d] = Array.from({ length: 4 }, () => crypto.createKeyAgreement(group)) as [
      KeyAgreement,
      KeyAgreement,
      KeyAgreement,
      KeyAgreement,
    ]
    const [ab, cd] = [a.agree(b.publicValue), c.agree(d.publicValue)]
    expect(b.agree(a.publicValue)).toEqual(ab)
    expect(d.agree(c.publicValue)).toEqual(cd)
    expect(ab).not.toEqual(cd)
  })
})

describe('MODP', () => {
  /** ⌊2^bits π⌋ by Machin's formula, with bits to spare. */
  const pi = (bits: number): bigint => {
    const one = 1n << BigInt(bits + 64)
    const arctanOfInverse = (n: bigint) => {
      let sum = 0n
      for (let power = one / n, k = 1n, sign = 1n; power > 0n; power /= n * n, k += 2n, sign = -sign)
        sum += (sign * power) / k
      return sum
    }
    return (16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)) >> 64n
  }

  test.each([
    // RFC 2409 §6.2, RFC 3526 §3: 2^n − 2^(n−64) − 1 + 2^64 (⌊2^(n−130) π⌋ + c).
    ['MODP-1024', 1024, 129_093n],
    ['MODP-2048', 2048, 124_476n],
  ] as const)('the prime of %s is made of π', (group, bits, c) => {
    const n = BigInt(bits)
    const prime = 2n ** n - 2n ** (n - 64n) - 1n + 2n ** 64n * (pi(bits - 130) + c)
    expect(integer(MODP_GROUPS[group].prime)).toBe(prime)
    expect(integer(MODP_GROUPS[group].generator)).toBe(2n)
  })

  test('the generator of group 24 is of the order q, which divides p − 1 (RFC 5114 §2.3)', () => {
    const { prime, generator, subgroupOrder } = MODP_GROUPS['MODP-2048-256']
    const [p, q] = [integer(prime), integer(subgroupOrder as Uint8Array)]
    expect((p - 1n) % q).toBe(0n)
    expect(power(integer(generator), q, p)).toBe(1n)
  })

  test('RFC 5114 §A.3', () => {
    const a = withPrivateKey(
      'MODP-2048-256',
      '0881382cdb87660c6dc13e614938d5b9c8b2f248581cc5e31b35454397fce50e',
    )
    const b = withPrivateKey(
      'MODP-2048-256',
      '7d62a7e3ef36de617b13d1afb82c780d83a23bd4ee6705645121f371f546a53d',
    )
    const z = hex(`
      86C70BF8D0BB81BB01078A17219CB7D27203DB2A19C877F1D1F19FD7D77EF22546A68F005AD52DC84553B78FC60330BE
      51EA7C0672CAC1515E4B35C047B9A551B88F39DC26DA14A09EF74774D47C762DD177F9ED5BC2F11E52C879BD95098504
      CD9EECD8A8F9B3EFBD1F008AC5853097D9D1837F2B18F77CD7BE01AF80A7C7B5EA3CA54CC02D0C116FEE3F95BB873993
      85875D7E86747E676E728938ACBFF7098E05BE4DCFB24052B83AEFFB14783F029ADBDE7F53FAE92084224090E007CEE9
      4D4BF2BACE9FFD4B57D2AF7C724D0CAA19BF0501F6F17B4AA10F425E3EA76080B4B9D6B3CEFEA115B2CEB8789BB8A3B0
      EA87FEBE63B6C8F846EC6DB0C26C5D7C`)
    expect(formatHex(a.publicValue)).toMatch(
      /^2e9380c8323af97545bc4941deb0ec37.*a4e905269341dc0711426685f4ef37e868a8126ff3f2279b57ca67e29$/,
    )
    expect(formatHex(b.publicValue)).toMatch(
      /^575f0351bd2b1b817448bdf87a6c362c.*deb1aff5b0e8e4a45d49f7f53757e1913$/,
    )
    expect(a.agree(b.publicValue)).toEqual(z)
    expect(b.agree(a.publicValue)).toEqual(z)
  })

  test.each(Object.keys(MODP_GROUPS) as ModpName[])('%s: only 2 to p − 2 is taken', group => {
    const own = crypto.createKeyAgreement(group)
    const p = integer(MODP_GROUPS[group].prime)
    const size = PUBLIC_VALUE_BYTES[group]
    for (const value of [0n, 1n, p - 1n, p, p + 1n, 2n ** BigInt(8 * size) - 1n])
      expect(own.agree(bytesOf(value, size))).toBeUndefined()
  })

  test.each(['MODP-1024', 'MODP-2048'] as const)('%s: 2 and p − 2 are taken', group => {
    const p = integer(MODP_GROUPS[group].prime)
    const size = PUBLIC_VALUE_BYTES[group]
    const own = withPrivateKey(group, `${'00'.repeat(30)}0102`)
    // 2^258 needs no reduction: the result is short, and padded to the prime's length (RFC 7296 §2.14).
    expect(own.publicValue).toEqual(bytesOf(2n ** 258n, size))
    expect(own.agree(bytesOf(2n, size))).toEqual(bytesOf(2n ** 258n, size))
    expect(own.agree(bytesOf(p - 2n, size))).toEqual(bytesOf(power(p - 2n, 258n, p), size))
  })

  test('group 24 takes no value outside the subgroup (RFC 6989 §2.2)', () => {
    const { prime, generator, subgroupOrder } = MODP_GROUPS['MODP-2048-256']
    const [p, q, g] = [integer(prime), integer(subgroupOrder as Uint8Array), integer(generator)]
    const own = crypto.createKeyAgreement('MODP-2048-256')
    // Elements of small orders, some that 2 generates, and a good value times −1.
    const small = [7n, 13n, 14n, 26n, 91n, 182n].map(order => power(3n, (p - 1n) / order, p))
    for (const value of [...small, 2n, p - 2n, p - g]) {
      expect(power(value, q, p)).not.toBe(1n)
      expect(own.agree(bytesOf(value, 256))).toBeUndefined()
    }
    expect(own.agree(bytesOf(g, 256))).toEqual(own.publicValue)
  })

  test('exponents of group 24 are below q, and are drawn again when they are not', () => {
    const draws = ['ff'.repeat(32), '00'.repeat(32), `${'00'.repeat(31)}02`].map(hex)
    const own = createKeyAgreement(() => draws.shift() as Uint8Array, 'MODP-2048-256')
    const { prime, generator } = MODP_GROUPS['MODP-2048-256']
    expect(integer(own.publicValue)).toBe(power(integer(generator), 2n, integer(prime)))
    expect(draws).toEqual([])
  })
})

describe('ECP', () => {
  test.each([
    [
      'ECP-256',
      'RFC 5903 §8.1',
      'C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433',
      `DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180
       5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3`,
      'C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53',
      `D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
       56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB`,
      'D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE',
    ],
    [
      'ECP-384',
      'RFC 5903 §8.2',
      '099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194',
      `667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA
       9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C`,
      '41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC',
      `E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571
       DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C`,
      '11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746',
    ],
  ] as const)('%s: %s', (group, _, i, gi, r, gr, gir) => {
    const initiator = withPrivateKey(group, i)
    const responder = withPrivateKey(group, r)
    expect(initiator.publicValue).toEqual(hex(gi))
    expect(responder.publicValue).toEqual(hex(gr))
    expect(initiator.agree(responder.publicValue)).toEqual(hex(gir))
    expect(responder.agree(initiator.publicValue)).toEqual(hex(gir))
  })

  test.each(['ECP-256', 'ECP-384'] as const)('%s: points off the curve are refused', group => {
    const own = crypto.createKeyAgreement(group)
    const good = crypto.createKeyAgreement(group).publicValue
    const half = good.length / 2
    expect(own.agree(new Uint8Array(good.length))).toBeUndefined()
    expect(own.agree(new Uint8Array(good.length).fill(0xff))).toBeUndefined()
    expect(own.agree(new Uint8Array([...good.subarray(half), ...good.subarray(0, half)]))).toBeUndefined()
    for (let at = 0; at < good.length; at++) {
      const changed = good.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(own.agree(changed)).toBeUndefined()
    }
    expect(own.agree(good)).toHaveLength(half)
  })
})

describe('X25519', () => {
  test('RFC 7748 §6.1', () => {
    const alice = withPrivateKey('X25519', '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    const bob = withPrivateKey('X25519', '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    expect(formatHex(alice.publicValue)).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    )
    expect(formatHex(bob.publicValue)).toBe(
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    )
    const secret = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742')
    expect(alice.agree(bob.publicValue)).toEqual(secret)
    expect(bob.agree(alice.publicValue)).toEqual(secret)
  })

  test.each([
    // The points of order 1, 2, 4 and 8 of the curve and its twist, and their forms above p (RFC 7748 §7).
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p − 1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
    ['0 with the bit that is ignored', `${'00'.repeat(31)}80`],
  ])('the point %s is refused', (_, point) => {
    expect(crypto.createKeyAgreement('X25519').agree(hex(point))).toBeUndefined()
  })
})

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
