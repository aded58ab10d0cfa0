import { beforeAll, describe, expect, test } from 'vitest'
import { issueParties, type Parties } from './credentials.suite.ts'
import { context, End, exchange, join, type Policy } from './two-ends.suite.ts'

let parties: Parties
beforeAll(async () => {
  parties = await issueParties('ecdsa-p256')
})

const only = (version: 'TLSv1.2' | 'TLSv1.3'): Policy => ({ minimum: version, maximum: version })
const server = (policy: Policy = {}) => context('server', { ...parties.server, ...policy })
const client = (policy: Policy = {}) => context('client', { ...parties.client, ...policy })
const CLOSED = 'the peer closed the TLS connection'

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', version => {
  test('an end is told once; what was written before arrives, and nothing is written behind it', () => {
    const ends = join(server(), client(only(version)))
    ends.server.write('last words')
    ends.server.take(ends.server.connection.end())
    expect(ends.server.connection.end()).toEqual({})
    expect(ends.server.connection.write(Buffer.from('late'))).toEqual({})
    exchange(ends.client, ends.server)
    expect(ends.client.text).toBe('last words')
    expect(ends.client.failure).toBe(CLOSED)
  })

  test('who has ended still reads', () => {
    const ends = join(server(), client(only(version)))
    ends.server.take(ends.server.connection.end())
    ends.client.write('on its way')
    ends.server.input(ends.client.flight())
    expect(ends.server.text).toBe('on its way')
    expect(ends.server.failure).toBeUndefined()
  })

  test('a server that asks for no certificate gets none', () => {
    const ends = join(server({ peerCertificate: 'none' }), client(only(version)))
    expect(ends.server.established?.peerChain).toEqual([])
    expect(ends.client.established?.peerChain).toEqual(parties.server.chain)
  })

  test('a connection that was given away is over', () => {
    const ends = join(server(), client(only(version)))
    expect(ends.server.connection.release()).toEqual({})
    expect(ends.server.connection.input(Buffer.from('late'))).toEqual({})
    expect(ends.server.connection.write(Buffer.from('late'))).toEqual({})
    expect(ends.server.connection.end()).toEqual({})
    ends.server.connection.close()
    expect(() => ends.server.connection.release()).toThrowError(
      expect.objectContaining({ code: 'ERR_TLS_NOT_ESTABLISHED' }),
    )
  })
})

test('before the handshake has ended there is nothing to end and nothing to give away', () => {
  const end = new End(server())
  expect(end.connection.end()).toEqual({})
  expect(() => end.connection.release()).toThrowError(
    expect.objectContaining({ code: 'ERR_TLS_NOT_ESTABLISHED' }),
  )
  const other = new End(client())
  exchange(other, end)
  expect(end.established).toBeDefined()
})

test('a failed connection is not given away', () => {
  const ends = join(server(), client())
  ends.server.input(Buffer.from('no record'))
  expect(() => ends.server.connection.release()).toThrowError(
    expect.objectContaining({ code: 'ERR_TLS_NOT_ESTABLISHED' }),
  )
})

test('a client asks for the server by its name, and by none when it has none', () => {
  const asks = (policy: Policy) => Buffer.from(new End(client(policy)).flight()).includes('gateway.test')
  expect(asks({ serverName: 'gateway.test' })).toBe(true)
  expect(asks({})).toBe(false)
})
