import { asciiBytes, concatBytes, utf8Text } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { SstpError } from '../sstp-error.ts'
import { readSstpAnswer, writeSstpOpening } from './client-opening.ts'
import { MAX_HEAD_BYTES } from './http-head.ts'
import { readSstpOpening, sstpOpeningAnswer, sstpRefusal } from './server-opening.ts'

const PATH = '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/'
const GUID = '{5B0A8E3B-9A2E-4C39-AE3D-F6B4D1F0A001}'
const request = (...lines: string[]) => asciiBytes(`${lines.join('\r\n')}\r\n\r\n`)
const first = `SSTP_DUPLEX_POST ${PATH} HTTP/1.1`
const endless = 'Content-Length: 18446744073709551615'

describe('an opening at the server', () => {
  it('is what our client writes, and ends where SSTP begins', () => {
    const opening = writeSstpOpening('vpn.example.test', GUID)
    const stream = concatBytes([opening, Uint8Array.of(0x10, 0x01)])
    expect(readSstpOpening(stream)).toEqual({
      type: 'opening',
      length: opening.length,
      host: 'vpn.example.test',
      correlationId: GUID,
      readsWholeRecords: true,
    })
  })

  it.each([
    ['Windows', GUID, true],
    ['sstpc, whose id lacks a group', '{437F13EA-5E54-108-106FF870}', false],
    ['sstpc with an id of NetworkManager', GUID.toLowerCase(), false],
    ['a client that says nothing', undefined, false],
  ])('tells whether packets may share a record: %s', (_, id, readsWholeRecords) => {
    const lines = [endless, ...(id === undefined ? [] : [`SSTPCORRELATIONID: ${id}`])]
    expect(readSstpOpening(request(first, ...lines))).toMatchObject({ readsWholeRecords })
  })

  it('is incomplete at every truncation', () => {
    const opening = writeSstpOpening('vpn.example.test', GUID)
    for (let length = 0; length < opening.length; length++) {
      expect(readSstpOpening(opening.subarray(0, length))).toEqual({ type: 'incomplete' })
    }
  })

  it.each([
    // The order of Windows, names in another case, a tenant, other fields, no GUID, bare line feeds.
    ['Windows', request(first, endless, 'Host: vpn.example.test', `SSTPCORRELATIONID: ${GUID}`)],
    ['other cases', request(first, 'HOST:vpn.example.test', 'content-length:18446744073709551615')],
    [
      'a path in lower case',
      request(
        first.toLowerCase().replace(/^sstp_duplex_post|http/g, t => t.toUpperCase()),
        endless,
      ),
    ],
    ['a tenant', request(first.replace('/ HTTP', '/?tenantid=Contoso HTTP'), endless)],
    ['a correlation id that is no GUID', request(first, endless, 'SSTPCORRELATIONID: 12345')],
    ['no Content-Length', request(first, 'Host: vpn.example.test')],
    ['bare line feeds', asciiBytes(`${first}\n${endless}\n\n`)],
    ['an empty field', request(first, endless, 'Cookie:')],
  ])('is taken as %s sends it', (_, bytes) => {
    expect(readSstpOpening(bytes)).toMatchObject({ type: 'opening', length: bytes.length })
  })

  it('gives texts that can be logged', () => {
    const bytes = concatBytes([
      asciiBytes(`${first}\r\nHost: a`),
      Uint8Array.of(0xe9),
      asciiBytes(`\r\nSSTPCORRELATIONID: ${'x'.repeat(300)}\r\n\r\n`),
    ])
    expect(readSstpOpening(bytes)).toMatchObject({ host: 'a?', correlationId: 'x'.repeat(64) })
  })

  it.each([
    'GET / HTTP/1.1\r\n\r\n',
    `POST ${PATH} HTTP/1.1\r\n\r\n`,
    'SSTP_DUPLEX_POSTS / HTTP/1.1\r\n\r\n',
    'sstp_duplex_post / HTTP/1.1\r\n\r\n',
    '\x16\x03\x01',
    'G',
  ])('is not %j', text => expect(readSstpOpening(asciiBytes(text))).toEqual({ type: 'ordinary' }))

  it.each([
    ['another path', 'SSTP_DUPLEX_POST / HTTP/1.1\r\n\r\n', 'another path than that of SSTP'],
    ['HTTP/1.0', `SSTP_DUPLEX_POST ${PATH} HTTP/1.0\r\n\r\n`, 'not an HTTP/1.1 request'],
    ['no version', `SSTP_DUPLEX_POST ${PATH}\r\n\r\n`, 'not an HTTP/1.1 request'],
    ['a fourth word', `SSTP_DUPLEX_POST ${PATH} HTTP/1.1 x\r\n\r\n`, 'not an HTTP/1.1 request'],
    ['a body that ends', `${first}\r\nContent-Length: 5\r\n\r\n`, 'a Content-Length that ends'],
    ['a line that is no field', `${first}\r\nno field\r\n\r\n`, 'a header line that is none'],
    ['a folded line', `${first}\r\n folded: x\r\n\r\n`, 'a header line that is none'],
    ['a control character', `${first}\r\nHost: a\0b\r\n\r\n`, 'a header line that is none'],
  ])('is a fault with %s', (_, text, reason) => {
    expect(readSstpOpening(asciiBytes(text))).toEqual({ type: 'fault', reason })
  })

  it('is a fault when it has too many lines, or no end', () => {
    const lines = asciiBytes(`${first}\r\n${'a: b\r\n'.repeat(66)}`)
    expect(readSstpOpening(lines)).toEqual({ type: 'fault', reason: 'too many header lines' })
    const long = asciiBytes(`${first}\r\na: ${'b'.repeat(MAX_HEAD_BYTES)}`)
    expect(readSstpOpening(long)).toEqual({ type: 'fault', reason: 'the head is too long' })
    expect(readSstpOpening(long.subarray(0, MAX_HEAD_BYTES - 1))).toEqual({ type: 'incomplete' })
  })
})

describe('the answer', () => {
  it('opens a stream of no end', () => {
    const text = utf8Text(sstpOpeningAnswer('Thu, 09 Nov 2006 00:51:09 GMT'))
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 18446744073709551615\r\n/)
    expect(text).toMatch(/\r\nDate: Thu, 09 Nov 2006 00:51:09 GMT\r\n\r\n$/)
  })

  it('is read by our client, and ends where SSTP begins', () => {
    const answer = sstpOpeningAnswer()
    const stream = concatBytes([answer, Uint8Array.of(0x10)])
    expect(readSstpAnswer(stream)).toEqual({ type: 'accepted', length: answer.length })
    for (let length = 0; length < answer.length; length++) {
      expect(readSstpAnswer(answer.subarray(0, length))).toEqual({ type: 'incomplete' })
    }
  })

  it('may be a refusal that a person can read', () => {
    const refusal = sstpRefusal(503, 'All 128 SSTP connections are taken.')
    const [head, body] = utf8Text(refusal).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
    expect(head).toMatch(/\r\nConnection: close\r\n/)
    expect(head).toContain(`Content-Length: ${body?.length}`)
    expect(body).toBe('All 128 SSTP connections are taken.\n')
    const reason = '503 Service Unavailable'
    expect(readSstpAnswer(refusal)).toEqual({ type: 'refused', status: 503, reason })
  })

  it.each(['SSH-2.0-x\r\n\r\n', 'HTTP/2 200\r\n\r\n', '\r\n\r\n', 'HTTP/1.1 999 x\r\n\r\n'])(
    'is a fault when it is %j',
    text => expect(readSstpAnswer(asciiBytes(text))).toMatchObject({ type: 'fault' }),
  )
})

describe('what is written', () => {
  it('never has a line break inside a field', () => {
    expect(() => writeSstpOpening('a\r\nX: y', GUID)).toThrow(SstpError)
    expect(() => writeSstpOpening('a', '')).not.toThrow()
    expect(() => sstpOpeningAnswer('now\n')).toThrow(SstpError)
  })
})
