import { parseHex } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ATTRIBUTES, CERTIFICATE_BYTES, CERTIFICATES, DELETED_SPIS, PAYLOADS, SELECTORS } from '../limits.ts'
import { payloads as arbitrary } from '../testing/payload-arbitraries.suite.ts'
import { NOTIFY, PAYLOAD, PROTOCOL } from './numbers.ts'
import type { Payload, PayloadOf } from './payload.ts'
import { readPayloads, writePayloads } from './payloads.ts'

const hex = (text: string) => parseHex(text.replaceAll(' ', '')) as Uint8Array

/** One payload from its body. */
function body(number: number, text: string): ReturnType<typeof readPayloads> {
  const bytes = hex(text)
  const length = bytes.length + 4
  return readPayloads(number, Uint8Array.of(0, 0, length >> 8, length & 0xff, ...bytes))
}

const types = Object.keys(arbitrary) as Payload['type'][]

describe.each(types)('%s', type => {
  const one: fc.Arbitrary<Payload> = arbitrary[type]

  test('what is written is read, and written again bit for bit', () => {
    fc.assert(
      fc.property(one, payload => {
        const written = writePayloads([payload])
        const read = readPayloads(written.first, written.bytes)
        expect(read).toEqual([payload])
        expect(writePayloads(read as readonly Payload[])).toEqual(written)
      }),
      { numRuns: 60 },
    )
  })

  test('cut short anywhere it is a fault', () => {
    fc.assert(
      fc.property(one, payload => {
        const { first, bytes } = writePayloads([payload])
        for (let end = 0; end < bytes.length; end++) {
          expect(readPayloads(first, bytes.subarray(0, end))).toMatchObject({ type: 'invalid-syntax' })
        }
      }),
      { numRuns: 5 },
    )
  })

  test('what is read does not share the bytes that were lent', () => {
    const payload = fc.sample(one, { numRuns: 1, seed: 1 })[0] as Payload
    const { first, bytes } = writePayloads([payload])
    const read = readPayloads(first, bytes)
    bytes.fill(0xff)
    expect(read).toEqual([payload])
  })
})

test('a chain of payloads keeps its order', () => {
  const chains = fc.array(fc.oneof(...types.map(type => arbitrary[type] as fc.Arbitrary<Payload>)), {
    maxLength: 10,
  })
  fc.assert(
    fc.property(chains, chain => {
      const { first, bytes } = writePayloads(chain)
      expect(readPayloads(first, bytes)).toEqual(chain)
    }),
    { numRuns: 60 },
  )
})

describe('the chain (RFC 7296 §3.2)', () => {
  const nonce = '00 00 0014 000102030405060708090a0b0c0d0e0f'

  test('an unknown payload is skipped, a critical one is a fault of its own', () => {
    expect(readPayloads(200, hex(`28 00 0006 abcd ${nonce}`))).toMatchObject([{ type: 'NONCE' }])
    expect(readPayloads(200, hex(`28 80 0006 abcd ${nonce}`))).toEqual({
      type: 'unsupported-critical-payload',
      payload: 200,
    })
  })

  test('the critical bit of a known payload is ignored', () => {
    expect(readPayloads(PAYLOAD.NONCE, hex(nonce.replace('00 00', '00 80')))).toMatchObject([
      { type: 'NONCE' },
    ])
  })

  test('a length below four, and bytes after the last payload, are faults', () => {
    expect(readPayloads(PAYLOAD.V, hex('00 00 0003'))).toMatchObject({ type: 'invalid-syntax' })
    expect(readPayloads(PAYLOAD.V, hex('00 00 0004 00'))).toMatchObject({ type: 'invalid-syntax' })
    expect(readPayloads(PAYLOAD.NONE, hex('00'))).toMatchObject({ type: 'invalid-syntax' })
    expect(readPayloads(PAYLOAD.NONE, hex(''))).toEqual([])
  })

  test('SK inside is a fault', () => {
    expect(readPayloads(PAYLOAD.SK, hex('00 00 0004'))).toMatchObject({ type: 'invalid-syntax' })
    expect(readPayloads(PAYLOAD.SKF, hex('00 00 0004'))).toMatchObject({ type: 'invalid-syntax' })
  })

  test('payloads and certificates are counted, unknown ones too', () => {
    const vendors = (count: number): Payload[] =>
      Array.from({ length: count }, () => ({ type: 'V', data: new Uint8Array(0) }))
    const unknown = Uint8Array.from(Array.from({ length: PAYLOADS + 1 }, () => [200, 0, 0, 4]).flat())
    const certs = (count: number): Payload[] =>
      Array.from({ length: count }, () => ({ type: 'CERT', encoding: 4, data: new Uint8Array(1) }))
    const read = (chain: Payload[]) => {
      const { first, bytes } = writePayloads(chain)
      return readPayloads(first, bytes)
    }
    expect(read(vendors(PAYLOADS))).toHaveLength(PAYLOADS)
    expect(read(vendors(PAYLOADS + 1))).toMatchObject({ type: 'invalid-syntax' })
    expect(readPayloads(200, unknown)).toMatchObject({ type: 'invalid-syntax' })
    expect(read(certs(CERTIFICATES))).toHaveLength(CERTIFICATES)
    expect(read(certs(CERTIFICATES + 1))).toMatchObject({ type: 'invalid-syntax' })
    const large: Payload = { type: 'CERT', encoding: 4, data: new Uint8Array(CERTIFICATE_BYTES + 1) }
    expect(read([large])).toMatchObject({ type: 'invalid-syntax' })
  })

  test('a payload of ours that no length field can say is a defect', () => {
    expect(() => writePayloads([{ type: 'V', data: new Uint8Array(65_532) }])).toThrow(RangeError)
  })
})

describe('Notify (RFC 7296 §3.10)', () => {
  test('an SPI has the length of its protocol or is not there', () => {
    expect(body(PAYLOAD.N, '03 04 400a 11223344')).toMatchObject([{ protocol: 3 }])
    expect(body(PAYLOAD.N, '03 00 000e')).toMatchObject([{ notify: NOTIFY.NO_PROPOSAL_CHOSEN }])
    for (const bad of ['03 08', '03 03', '01 08', '01 04', '00 04', '00 01', '09 04']) {
      expect(body(PAYLOAD.N, `${bad} 400a 1122334455667788`), bad).toMatchObject({
        type: 'invalid-syntax',
      })
    }
  })

  test('REKEY_SA names a Child SA by protocol and SPI, or is a fault (CVE-2023-38710)', () => {
    expect(body(PAYLOAD.N, '03 04 4009 11223344')).toMatchObject([{ notify: NOTIFY.REKEY_SA }])
    for (const bad of ['00 00 4009', '01 00 4009', '03 00 4009']) {
      expect(body(PAYLOAD.N, bad), bad).toMatchObject({ type: 'invalid-syntax' })
    }
  })
})

describe('Delete (RFC 7296 §3.11)', () => {
  test('IKE has no SPIs, ESP as many as it says', () => {
    expect(body(PAYLOAD.D, '01 00 0000')).toEqual([{ type: 'D', protocol: 1, spis: [] }])
    expect(body(PAYLOAD.D, '03 04 0002 11223344 55667788')).toMatchObject([
      { spis: [hex('11223344'), hex('55667788')] },
    ])
  })

  test('count and size have to agree with what is there', () => {
    const bad = [
      '01 00 0001',
      '01 08 0001 1122334455667788',
      '03 04 0002 11223344',
      '03 04 0001 1122334455',
      '03 08 0001 1122334455667788',
      '03 00 ffff',
      '09 04 0001 11223344',
    ]
    for (const text of bad) expect(body(PAYLOAD.D, text), text).toMatchObject({ type: 'invalid-syntax' })
  })

  test('SPIs are counted', () => {
    const spis = Array.from({ length: DELETED_SPIS + 1 }, () => new Uint8Array(4))
    const { first, bytes } = writePayloads([{ type: 'D', protocol: PROTOCOL.ESP, spis }])
    expect(readPayloads(first, bytes)).toMatchObject({ type: 'invalid-syntax' })
  })
})

describe('Traffic selectors (RFC 7296 §3.13)', () => {
  const any = '07 00 0010 0000 ffff 00000000 ffffffff'

  test('types that are not known, and OPAQUE ports, are passed over', () => {
    expect(
      body(PAYLOAD.TSi, `03 000000 f0 00 0006 abcd ${any} 07 11 0010 ffff 0000 0a000000 0a0000ff`),
    ).toMatchObject([{ selectors: [{ startPort: 0, endPort: 65535 }] }])
  })

  test('a range that ends before it starts is a fault', () => {
    expect(body(PAYLOAD.TSi, '01 000000 07 00 0010 0000 ffff 0a000002 0a000001')).toMatchObject({
      type: 'invalid-syntax',
    })
    expect(body(PAYLOAD.TSi, '01 000000 07 06 0010 0050 0035 0a000001 0a000001')).toMatchObject({
      type: 'invalid-syntax',
    })
  })

  test('the length has to be that of the family, the count that of the selectors', () => {
    const bad = [
      '01 000000 07 00 000f 0000 ffff 00000000 ffffff',
      '01 000000 07 00 0011 0000 ffff 00000000 ffffffff 00',
      '01 000000 08 00 0010 0000 ffff 00000000 ffffffff',
      '01 000000 f0 00 0003',
      `02 000000 ${any}`,
      `01 000000 ${any} ${any}`,
    ]
    for (const text of bad) expect(body(PAYLOAD.TSr, text), text).toMatchObject({ type: 'invalid-syntax' })
    const many = `${(SELECTORS + 1).toString(16)} 000000 ${Array(SELECTORS + 1)
      .fill(any)
      .join(' ')}`
    expect(body(PAYLOAD.TSr, many)).toMatchObject({ type: 'invalid-syntax' })
  })
})

describe('Configuration (RFC 7296 §3.15)', () => {
  test('the reserved bit of an attribute is ignored', () => {
    expect(body(PAYLOAD.CP, '01 000000 8001 0000 5ba0 0004 c0000201')).toMatchObject([
      { attributes: [{ type: 1 }, { type: 23456, value: hex('c0000201') }] },
    ])
  })

  test('a value beyond the payload is a fault, and attributes are counted', () => {
    expect(body(PAYLOAD.CP, '01 000000 0001 0004 0a0000')).toMatchObject({ type: 'invalid-syntax' })
    const many = `01 000000 ${'0001 0000 '.repeat(ATTRIBUTES + 1)}`
    expect(body(PAYLOAD.CP, many)).toMatchObject({ type: 'invalid-syntax' })
  })
})

test('a nonce has 16 to 256 bytes (RFC 7296 §3.9)', () => {
  expect(body(PAYLOAD.NONCE, 'aa'.repeat(15))).toMatchObject({ type: 'invalid-syntax' })
  expect(body(PAYLOAD.NONCE, 'aa'.repeat(16))).toMatchObject([{ type: 'NONCE' }])
  expect(body(PAYLOAD.NONCE, 'aa'.repeat(256))).toMatchObject([{ type: 'NONCE' }])
  expect(body(PAYLOAD.NONCE, 'aa'.repeat(257))).toMatchObject({ type: 'invalid-syntax' })
})

describe('Security association (RFC 7296 §3.3)', () => {
  const aes = '03 00 000c 01 00 000c 800e 0100'
  const group = '00 00 0008 04 00 000e'

  function proposals(text: string): PayloadOf<'SA'>['proposals'] | string {
    const read = body(PAYLOAD.SA, text)
    return 'type' in read ? read.type : (read[0] as PayloadOf<'SA'>).proposals
  }

  test('proposals with their transforms', () => {
    expect(
      proposals(
        `02 00 001c 01 01 00 02 ${aes} ${group} 00 00 0014 02 03 04 01 11223344 00 00 0008 05 00 0000`,
      ),
    ).toEqual([
      {
        number: 1,
        protocol: 1,
        spi: hex(''),
        transforms: [
          { type: 1, id: 12, keyBits: 256 },
          { type: 4, id: 14 },
        ],
      },
      { number: 2, protocol: 3, spi: hex('11223344'), transforms: [{ type: 5, id: 0 }] },
    ])
  })

  test('an attribute that is not known, or twice, or Key Length in its long form, marks the transform', () => {
    const transform = (attributes: string) => {
      const length = (8 + hex(attributes).length).toString(16).padStart(4, '0')
      const whole = (16 + hex(attributes).length).toString(16).padStart(4, '0')
      return proposals(`00 00 ${whole} 01 01 00 01 00 00 ${length} 01 00 0014 ${attributes}`)
    }
    expect(transform('800e 0100')).toMatchObject([{ transforms: [{ keyBits: 256 }] }])
    expect(transform('800f 0100')).toMatchObject([{ transforms: [{ unknownAttribute: true }] }])
    expect(transform('800e 0080 800e 0100')).toMatchObject([{ transforms: [{ unknownAttribute: true }] }])
    expect(transform('000e 0002 0100')).toMatchObject([{ transforms: [{ unknownAttribute: true }] }])
    expect(transform('000e 0004 0100')).toBe('invalid-syntax')
  })

  test('numbers, marks, counts, lengths and SPIs that are wrong', () => {
    const one = (head: string) => `${head} 01 01 00 02 ${aes} ${group}`
    expect(proposals(one('00 00 001c'))).toHaveLength(1)
    const bad = {
      'a proposal says that another follows': one('02 00 001c'),
      'a mark that is none': one('03 00 001c'),
      'a length below its own head': one('00 00 0003'),
      'a length beyond the payload': one('00 00 001d'),
      'a length short of the transforms': one('00 00 001b'),
      'number 0': `00 00 001c 00 01 00 02 ${aes} ${group}`,
      'one transform more than said': `00 00 001c 01 01 00 01 ${aes} ${group}`,
      'one transform less than said': `00 00 001c 01 01 00 03 ${aes} ${group}`,
      'no transforms but bytes': `00 00 001c 01 01 00 00 ${aes} ${group}`,
      'an IKE SPI of 4': `00 00 0020 01 01 04 02 11223344 ${aes} ${group}`,
      'an ESP SPI of 8': `00 00 0024 01 03 08 02 1122334455667788 ${aes} ${group}`,
      'an ESP proposal without SPI': `00 00 001c 01 03 00 02 ${aes} ${group}`,
      'two of the same number': `02 00 001c 01 01 00 02 ${aes} ${group} 00 00 001c 01 01 00 02 ${aes} ${group}`,
      'two that begin at 2': `02 00 001c 02 01 00 02 ${aes} ${group} 00 00 001c 03 01 00 02 ${aes} ${group}`,
      nothing: '',
    }
    for (const [what, text] of Object.entries(bad)) expect(proposals(text), what).toBe('invalid-syntax')
  })

  test('an answer may have the number that it chose', () => {
    expect(proposals(`00 00 001c 03 01 00 02 ${aes} ${group}`)).toMatchObject([{ number: 3 }])
  })
})
