import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catchFault, Reader, WireFault, Writer } from './index.ts'

const field = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
  fc.record({ kind: fc.constant('u24' as const), value: fc.integer({ min: 0, max: 0xffffff }) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
)
type Field = typeof field extends fc.Arbitrary<infer F> ? F : never

function write(fields: readonly Field[]): Uint8Array {
  const writer = new Writer(1)
  for (const f of fields) f.kind === 'u64' ? writer.u64(f.value) : writer[f.kind](f.value)
  return writer.finish()
}

function read(fields: readonly Field[], bytes: Uint8Array): (number | bigint)[] {
  const reader = new Reader(bytes)
  const values = fields.map(f => reader[f.kind]('field'))
  reader.end('end')
  return values
}

describe('Reader and Writer', () => {
  it('read what was written', () => {
    fc.assert(
      fc.property(fc.array(field), fields => {
        expect(read(fields, write(fields))).toEqual(fields.map(f => f.value))
      }),
    )
  })

  it('raise a fault at every truncation, and for what trails', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), fields => {
        const bytes = write(fields)
        for (let length = 0; length < bytes.length; length++) {
          const fault = catchFault(() => read(fields, bytes.subarray(0, length)))
          expect(fault).toMatchObject({ kind: 'truncated', field: 'field' })
        }
        const longer = Uint8Array.from([...bytes, 0])
        expect(catchFault(() => read(fields, longer))).toEqual(new WireFault('trailing', 'end', bytes.length))
      }),
    )
  })

  it('confine a sub-reader to its length', () => {
    const reader = new Reader(Uint8Array.of(2, 10, 11, 12))
    const inner = reader.sub(reader.u8('length'), 'inner')
    expect([inner.u8('a'), inner.u8('b')]).toEqual([10, 11])
    expect(catchFault(() => inner.u8('c'))).toMatchObject({ kind: 'truncated', field: 'c', offset: 3 })
    expect(reader.u8('after')).toBe(12)
  })

  it('refuse a negative length', () => {
    expect(catchFault(() => new Reader(Uint8Array.of(1, 2)).bytes(-1, 'bytes'))).toBeInstanceOf(WireFault)
  })

  it('let a defect pass through', () => {
    expect(() =>
      catchFault(() => {
        throw new TypeError('ours')
      }),
    ).toThrow('ours')
  })

  it('patch only what was written', () => {
    const writer = new Writer()
    const at = writer.reserve(2)
    writer.u8(9)
    writer.patch(at, Uint8Array.of(1, 2))
    expect(() => writer.patch(2, Uint8Array.of(1, 2))).toThrow(RangeError)
    expect([...writer.finish()]).toEqual([1, 2, 9])
    expect(writer.length).toBe(0)
  })

  it('leave reserved bytes zero after the buffer was used before', () => {
    const writer = new Writer()
    writer.bytes(Uint8Array.of(255, 255, 255))
    writer.finish()
    writer.reserve(3)
    expect([...writer.finish()]).toEqual([0, 0, 0])
  })
})
