import { describe, expect, it } from 'vitest'
import { LineReader } from './line-reader.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('LineReader', () => {
  it('cuts lines wherever the chunks end, also inside a character', () => {
    const reader = new LineReader(100)
    const all = bytes('one\nzwö')
    expect(reader.push(all.subarray(0, 2))).toEqual([])
    expect(reader.push(all.subarray(2, all.length - 1))).toEqual(['one'])
    expect(reader.push(all.subarray(all.length - 1))).toEqual([])
    expect(reader.push(bytes('lf\n\nx\n'))).toEqual(['zwölf', '', 'x'])
  })

  it('takes a line of the limit and none longer', () => {
    expect(new LineReader(3).push(bytes('abc\n'))).toEqual(['abc'])
    const reader = new LineReader(3)
    expect(reader.push(bytes('ab'))).toEqual([])
    expect(reader.push(bytes('cd'))).toBeUndefined()
    expect(reader.push(bytes('\n'))).toBeUndefined()
  })
})
