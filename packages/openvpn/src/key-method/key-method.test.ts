import { createNodeCrypto } from '@causeway/crypto-node'
import { concatBytes } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandKeysByPrf, sliceDataKeys } from './key-derivation.ts'
import { type KeyMethodMessage, writeKeyMethodMessage } from './key-method-2.ts'
import { type KeyMethodProgress, KeyMethodReader, MAX_KEY_METHOD_BYTES } from './key-method-reader.ts'

const crypto = createNodeCrypto()
const clientSource = { preMaster: crypto.random(48), random1: crypto.random(32), random2: crypto.random(32) }
const serverSource = { random1: crypto.random(32), random2: crypto.random(32) }

const text = fc.string({ maxLength: 300 }).map(value => value.replaceAll('\0', ''))
const anyMessage: fc.Arbitrary<KeyMethodMessage> = fc
  .record({
    username: fc.option(text),
    password: fc.option(text),
    peerInfo: fc.option(text),
    options: text,
  })
  .map(({ username, password, peerInfo, options }) => ({
    keySource: clientSource,
    options,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(peerInfo !== null && { peerInfo }),
  }))

const message: KeyMethodMessage = {
  keySource: clientSource,
  options: 'V4,dev-type tun',
  username: 'anna',
  password: 'secret',
  peerInfo: 'IV_VER=2.6.14\n',
}

/** What a reader makes of these chunks; the last progress. */
function read(chunks: readonly Uint8Array[], sender: 'client' | 'server' = 'client'): KeyMethodProgress {
  const reader = new KeyMethodReader(sender)
  let progress: KeyMethodProgress = { type: 'incomplete' }
  for (const chunk of chunks) {
    progress = reader.push(chunk)
    if (progress.type !== 'incomplete') return progress
  }
  return progress
}

const complete = (message: KeyMethodMessage, rest = new Uint8Array(0)): KeyMethodProgress => ({
  type: 'message',
  message,
  rest,
})

describe('key method 2', () => {
  it('reads what was written, whole', () => {
    fc.assert(
      fc.property(anyMessage, message => {
        expect(read([writeKeyMethodMessage(message)])).toEqual(complete(message))
      }),
    )
  })

  it('reads a server’s message', () => {
    const message = { keySource: serverSource, options: 'V4' }
    expect(read([writeKeyMethodMessage(message)], 'server')).toEqual(complete(message))
  })

  it('reads a message in two pieces, cut where no string ends', () => {
    const bytes = writeKeyMethodMessage(message)
    const ends = earlyEnds(message)
    for (let cut = 0; cut < bytes.length; cut++) {
      if (ends.includes(cut)) continue
      expect(read([bytes.subarray(0, cut)])).toEqual({ type: 'incomplete' })
      expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(complete(message))
    }
  })

  it('reads a message byte by byte, except that an early end is taken for one', () => {
    const bytes = writeKeyMethodMessage(message)
    const { username: _, password: __, peerInfo: ___, ...short } = message
    expect(read(Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(complete(short))
  })

  it('takes the early end of clients that know no peer-info, or no password', () => {
    const bytes = writeKeyMethodMessage(message)
    const [afterOptions, afterPassword] = earlyEnds(message)
    const { peerInfo: _, ...old } = message
    const { username: __, password: ___, ...older } = old
    expect(read([bytes.subarray(0, afterPassword)])).toEqual(complete(old))
    expect(read([bytes.subarray(0, afterOptions)])).toEqual(complete(older))
  })

  it('waits for more when a full TLS record ends where a string does', () => {
    const { peerInfo: _, password: __, ...start } = message
    const fill = 16_384 - writeKeyMethodMessage({ ...start, password: '' }).length + 2
    const long = { ...message, password: 'p'.repeat(fill) }
    const bytes = writeKeyMethodMessage(long)
    expect(earlyEnds(long)[1]).toBe(16_384)
    expect(read([bytes.subarray(0, 16_384), bytes.subarray(16_384)])).toEqual(complete(long))
  })

  it('carries an access token, and gives back what follows the message', () => {
    const token = { ...message, password: 'x'.repeat(60_000) }
    const bytes = concatBytes([writeKeyMethodMessage(token), Uint8Array.of(1, 2, 3)])
    const chunks = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
      bytes.subarray(i * 1000, (i + 1) * 1000),
    )
    expect(read(chunks)).toEqual(complete(token, Uint8Array.of(1, 2, 3)))
  })

  it.each([2300, 16_384, 'the limit'] as const)(
    'takes a password of %s bytes in several TLS records',
    size => {
      const empty = writeKeyMethodMessage({ ...message, password: '' }).length
      const password = 'p'.repeat(size === 'the limit' ? MAX_KEY_METHOD_BYTES - empty : size)
      const long = { ...message, password }
      const bytes = writeKeyMethodMessage(long)
      for (const record of [1300, 16_384]) {
        const records = Array.from({ length: Math.ceil(bytes.length / record) }, (_, i) =>
          bytes.subarray(i * record, (i + 1) * record),
        )
        expect(read(records)).toEqual(complete(long))
      }
      if (size !== 'the limit') return
      const over = writeKeyMethodMessage({ ...message, password: `${password}p` })
      expect(read([over])).toMatchObject({ type: 'fault', fault: { kind: 'limit' } })
    },
  )

  it('is a fault from its first wrong byte', () => {
    for (const wrong of [[1], [0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 3]])
      expect(read([Uint8Array.from(wrong)])).toMatchObject({ type: 'fault', fault: { kind: 'invalid' } })
  })

  it('is a fault above its limit, in any chunks', () => {
    const long = writeKeyMethodMessage({
      ...message,
      username: 'x'.repeat(40_000),
      password: 'y'.repeat(40_000),
    })
    const fault = { type: 'fault', fault: { kind: 'limit' } }
    expect(read([long])).toMatchObject(fault)
    expect(read([long.subarray(0, 30_000), long.subarray(30_000, 65_536)])).toMatchObject(fault)
    expect(read([long.subarray(0, MAX_KEY_METHOD_BYTES - 1)])).toEqual({ type: 'incomplete' })
  })

  it('takes a string without its NUL, and one with several', () => {
    const head = writeKeyMethodMessage({ keySource: clientSource, options: '' }).subarray(0, -9)
    const strings = Uint8Array.of(0, 2, 65, 66, 0, 3, 67, 0, 0, 0, 0, 0, 0)
    const expected = { keySource: clientSource, options: 'AB', username: 'C' }
    expect(read([concatBytes([head, strings])])).toEqual(complete(expected))
  })

  it('refuses to write what cannot be read', () => {
    expect(() => writeKeyMethodMessage({ ...message, username: 'a\0b' })).toThrow(RangeError)
    expect(() => writeKeyMethodMessage({ ...message, username: 'a'.repeat(70_000) })).toThrow(RangeError)
    expect(() =>
      writeKeyMethodMessage({ ...message, keySource: { ...clientSource, random1: new Uint8Array(31) } }),
    ).toThrow(RangeError)
  })
})

/** Where the options string and the password end. */
function earlyEnds(message: KeyMethodMessage): [number, number] {
  const length = (part: Partial<KeyMethodMessage>): number =>
    writeKeyMethodMessage({ keySource: clientSource, options: message.options, ...part }).length
  const { username = '', password = '' } = message
  return [length({}) - 6, length({ username, password }) - 2]
}

describe('data keys', () => {
  const material = Uint8Array.from({ length: 256 }, (_, i) => i)

  it('of the client’s sending are those of the server’s receiving', () => {
    for (const shape of [
      { cipher: 'AES-256-GCM', format: 'standard' },
      { cipher: 'CHACHA20-POLY1305', format: 'epoch' },
      { cipher: 'AES-128-CBC', digest: 'SHA1', format: 'standard' },
    ] as const) {
      const client = sliceDataKeys(material, { role: 'client', ...shape })
      const server = sliceDataKeys(material, { role: 'server', ...shape })
      expect([client.send, client.receive]).toEqual([server.receive, server.send])
    }
  })

  it('lie where OpenVPN takes them from', () => {
    const range = (start: number, length: number) => material.slice(start, start + length)
    const client = { role: 'client', format: 'standard' } as const
    expect(sliceDataKeys(material, { ...client, cipher: 'AES-128-GCM' })).toEqual({
      send: { cipherKey: range(0, 16), authKey: range(64, 8) },
      receive: { cipherKey: range(128, 16), authKey: range(192, 8) },
    })
    expect(sliceDataKeys(material, { ...client, cipher: 'AES-256-CBC', digest: 'SHA512' })).toEqual({
      send: { cipherKey: range(0, 32), authKey: range(64, 64) },
      receive: { cipherKey: range(128, 32), authKey: range(192, 64) },
    })
    expect(sliceDataKeys(material, { ...client, format: 'epoch', cipher: 'AES-128-GCM' })).toEqual({
      send: { cipherKey: range(0, 32), authKey: new Uint8Array(0) },
      receive: { cipherKey: range(128, 32), authKey: new Uint8Array(0) },
    })
  })

  it('are refused for a CBC cipher without digest, or in the epoch format', () => {
    const cbc = { role: 'client', cipher: 'AES-128-CBC' } as const
    expect(() => sliceDataKeys(material, { ...cbc, format: 'standard' })).toThrow(RangeError)
    expect(() => sliceDataKeys(material, { ...cbc, digest: 'SHA1', format: 'epoch' })).toThrow(RangeError)
  })

  it('by the PRF depend on every input', () => {
    const input = {
      client: clientSource,
      server: serverSource,
      clientSessionId: new Uint8Array(8),
      serverSessionId: new Uint8Array(8).fill(1),
    }
    const keys = expandKeysByPrf(crypto, input)
    expect(keys).toHaveLength(256)
    expect(expandKeysByPrf(crypto, input)).toEqual(keys)
    const other = crypto.random(32)
    for (const changed of [
      { ...input, client: { ...clientSource, preMaster: crypto.random(48) } },
      { ...input, client: { ...clientSource, random1: other } },
      { ...input, client: { ...clientSource, random2: other } },
      { ...input, server: { ...serverSource, random1: other } },
      { ...input, server: { ...serverSource, random2: other } },
      { ...input, clientSessionId: input.serverSessionId },
      { ...input, serverSessionId: input.clientSessionId },
    ])
      expect(expandKeysByPrf(crypto, changed)).not.toEqual(keys)
  })
})
