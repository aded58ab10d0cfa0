import { beforeAll, describe, expect, test } from 'vitest'
import { issueParties, type Parties, withLongerChain } from './credentials.suite.ts'
import { TLS_LIMITS } from './limits.ts'
import {
  context,
  End,
  EXPORTS,
  exchange,
  join,
  type Policy,
  SUITES_1_2,
  SUITES_1_3,
} from './two-ends.suite.ts'

const only = (version: 'TLSv1.2' | 'TLSv1.3'): Policy => ({ minimum: version, maximum: version })

let parties: Parties
beforeAll(async () => {
  parties = await issueParties('ecdsa-p256')
})

const server = (policy: Policy = {}) => context('server', { ...parties.server, ...policy })
const client = (policy: Policy = {}) => context('client', { ...parties.client, ...policy })

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', version => {
  test('both ends agree on version, suite, chains and exported keys', () => {
    const ends = join(server(), client(only(version)))
    const [a, b] = [ends.client.established, ends.server.established]
    expect(a).toMatchObject({ version, cipher: b?.cipher, exports: b?.exports })
    expect(b?.cipher).toBe(
      version === 'TLSv1.3' ? 'TLS_AES_256_GCM_SHA384' : 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    )
    expect(b?.exports.map(({ length }) => length)).toEqual(EXPORTS.map(({ bytes }) => bytes))
    expect(new Set(b?.exports.map(material => Buffer.from(material).toString('hex'))).size).toBe(
      // TLS 1.3 has no difference between no context value and an empty one.
      version === 'TLSv1.3' ? EXPORTS.length - 1 : EXPORTS.length,
    )
    expect(b?.peerChain).toEqual(parties.client.chain)
    expect(a?.peerChain).toEqual(parties.server.chain)
  })

  test.each([1, 7, 1200])('records may come in pieces of %i bytes', piece => {
    const ends = join(server(), client(only(version)), piece)
    ends.client.write('key method 2')
    ends.server.write('PUSH_REPLY')
    exchange(ends.client, ends.server, piece)
    expect([ends.server.text, ends.client.text]).toEqual(['key method 2', 'PUSH_REPLY'])
  })

  test('a message of many records arrives whole', () => {
    const ends = join(server(), client(only(version)))
    const message = 'x'.repeat(70_000)
    ends.client.write(message)
    exchange(ends.client, ends.server)
    expect(ends.server.text).toBe(message)
  })

  test('each handshake has its own keys, and nothing is resumed', () => {
    const contexts = [server(), client(only(version))] as const
    const exported = [1, 2].map(() => join(...contexts).server.established)
    expect(exported[0]?.exports[0]).not.toEqual(exported[1]?.exports[0])
    expect(exported[1]?.peerChain).toEqual(parties.client.chain)
  })

  test('a client without a certificate is established with an empty chain', () => {
    const ends = join(server(), context('client', only(version)))
    expect(ends.server.established?.peerChain).toEqual([])
  })

  test('at most ten certificates of a chain are handed up', () => {
    const long = withLongerChain(parties.client, 20)
    const ends = join(server(), context('client', { ...long, ...only(version) }))
    expect(ends.server.established?.peerChain).toEqual(long.chain.slice(0, TLS_LIMITS.chainLength))
  })

  test('a chain that is too large is refused', () => {
    const endless = withLongerChain(parties.client, 200)
    const ends = join(server(), context('client', { ...endless, ...only(version) }))
    expect(ends.server.failure).toBe('a certificate chain or another TLS message that is too large')
    expect(ends.server.established).toBeUndefined()
  })

  test('a record that was changed ends the connection', () => {
    const ends = join(server(), client(only(version)))
    ends.client.write('key method 2')
    const flight = ends.client.flight()
    flight[flight.length - 1] = (flight[flight.length - 1] ?? 0) ^ 1
    ends.server.input(flight)
    expect(ends.server.failure).toBe('decryption failed or bad record mac')
    expect(ends.server.plaintext).toEqual([])
  })
})

describe('a failed handshake says why in words, and tells the peer', () => {
  test('no shared cipher', () => {
    const suite = (name: string): Policy => ({ ...only('TLSv1.2'), ciphers: [name] })
    const ends = join(server(suite(SUITES_1_2[4] as string)), client(suite(SUITES_1_2[5] as string)))
    expect(ends.server.failure).toBe('no shared cipher')
    expect(ends.client.failure).toBe('the peer refuses our ciphers, or asks for what we do not have')
  })

  test('no shared suite of TLS 1.3', () => {
    const suite = (name: string): Policy => ({ ...only('TLSv1.3'), ciphers: [name] })
    const ends = join(server(suite(SUITES_1_3[0] as string)), client(suite(SUITES_1_3[1] as string)))
    expect(ends.server.failure).toBe('no shared cipher')
  })

  test('no shared group', () => {
    const ends = join(server({ groups: ['P-256'] }), client({ ...only('TLSv1.3'), groups: ['P-384'] }))
    expect(ends.server.failure).toBe('no shared key exchange group')
  })

  test.each([
    ['TLSv1.3', 'TLSv1.2'],
    ['TLSv1.2', 'TLSv1.3'],
  ] as const)('wrong version: the server has %s, the client %s', (ours, theirs) => {
    const ends = join(server(only(ours)), client(only(theirs)))
    expect(ends.server.failure).toMatch(/^wrong version/)
    expect(ends.client.failure).toMatch(/^wrong version/)
  })

  test('bytes that are no TLS', () => {
    const end = new End(server())
    end.input(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    expect(end.failure).toBe('http request')
  })
})

test('garbage of every length is a fault or silence, never a defect', () => {
  const shared = server()
  for (let length = 0; length < 600; length++) {
    const end = new End(shared)
    end.input(Uint8Array.from({ length }, (_, at) => (at * 167 + length) & 0xff))
    expect(end.established).toBeUndefined()
    end.connection.close()
  }
})

test('a hello that ends anywhere, and one with a changed byte anywhere, harms nothing', () => {
  const shared = server()
  const hello = new End(client()).flight()
  for (let at = 0; at < hello.length; at++) {
    const cut = new End(shared)
    cut.input(hello.subarray(0, at))
    expect(cut.failure).toBeUndefined()
    const changed = new End(shared)
    changed.input(hello.map((byte, index) => (index === at ? byte ^ 0x55 : byte)))
    expect(changed.established).toBeUndefined()
    for (const end of [cut, changed]) end.connection.close()
  }
})

test('more than a handshake may take is a failure, not memory', () => {
  const end = new End(server())
  const hello = new End(client()).flight()
  end.input(hello)
  end.input(new Uint8Array(TLS_LIMITS.handshakeBytes))
  expect(end.failure).toBe('the peer sends more than TLS can take')
})

test('a connection that is over does nothing more', () => {
  const ends = join(server(), client())
  ends.server.connection.close()
  ends.server.connection.close()
  ends.client.input(Buffer.from('no record'))
  expect(ends.client.failure).toBeDefined()
  expect(ends.client.connection.input(Buffer.from('late'))).toEqual({})
  expect(ends.server.connection.input(Buffer.from('late'))).toEqual({})
  expect(ends.server.connection.write(Buffer.from('late'))).toEqual({})
})

test('plaintext before the handshake has ended is a caller’s mistake', () => {
  const end = new End(server())
  expect(() => end.write('early')).toThrowError(expect.objectContaining({ code: 'ERR_TLS_NOT_ESTABLISHED' }))
})

describe('settings that OpenSSL does not take are an error with a code', () => {
  const cases: readonly [string, Policy, RegExp][] = [
    ['an unknown cipher', { ciphers: ['NO-SUCH-CIPHER'] }, /TLS 1\.2 ciphers: no cipher match/],
    ['an unknown suite', { ciphers: ['TLS_NO_SUCH_SUITE'] }, /TLS 1\.3 suites/],
    [
      'no cipher for the versions',
      { ciphers: SUITES_1_3, maximum: 'TLSv1.2' },
      /no TLS version has a cipher/,
    ],
    ['an unknown group', { groups: ['P-1'] }, /the groups/],
    ['a certificate that is none', { certificateChain: 'nonsense' }, /the certificate: no start line/],
  ]
  test.each(cases)('%s', (_, policy, message) => {
    expect(() => context('server', policy)).toThrowError(
      expect.objectContaining({ code: 'ERR_TLS_SETTINGS', message: expect.stringMatching(message) }),
    )
  })

  test('the key of another certificate', () => {
    const { certificateChain } = parties.server
    expect(() => context('server', { certificateChain, privateKey: parties.client.privateKey })).toThrow(
      /the private key: key values mismatch/,
    )
  })
})
