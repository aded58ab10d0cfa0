import type { TlsEstablished } from '@causeway/openvpn'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  clientCredentials,
  gatewayCredentials,
  intermediate,
  root,
  type TlsCredentials,
} from '../testing/credentials.suite.ts'
import { clientTls, serverTls } from './control-tls.ts'
import { secureContext, type TlsSettings } from './secure-context.ts'
import type { OpenTls, TlsConnection } from './tls-connection.ts'
import { TLS_BUFFER_BYTES } from './tls-limits.ts'

const SUITES_1_2 = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256']
const SUITES_1_3 = ['TLS_AES_256_GCM_SHA384']
const BOTH = { minimum: 'TLSv1.2', maximum: 'TLSv1.3', ciphers: [...SUITES_1_3, ...SUITES_1_2] } as const

let server: TlsCredentials
let client: TlsCredentials

beforeAll(async () => {
  const anchor = await root()
  const middle = await intermediate(anchor)
  const lower = await intermediate(middle, 'Lower')
  server = await gatewayCredentials(anchor)
  client = await clientCredentials(lower, 'alice', [lower, middle])
})

/** One end of a handshake, with all that it told. */
class End {
  readonly plaintext: Uint8Array[] = []
  readonly outcome: Promise<TlsEstablished | string>
  connection: TlsConnection
  peer: End | undefined
  /** A client speaks before it is joined. */
  readonly #early: Uint8Array[] = []
  #wake: () => void = () => undefined

  constructor(open: OpenTls) {
    let settle: (outcome: TlsEstablished | string) => void = () => undefined
    this.outcome = new Promise(resolve => {
      settle = resolve
    })
    this.connection = open({
      output: records => (this.peer ? this.peer.connection.input(records) : this.#early.push(records)),
      established: settle,
      plaintext: bytes => {
        this.plaintext.push(bytes)
        this.#wake()
      },
      failed: settle,
    })
  }

  join(peer: End): void {
    this.peer = peer
    for (const records of this.#early) peer.connection.input(records)
  }

  async receive(bytes: number): Promise<string> {
    while (this.plaintext.reduce((sum, { length }) => sum + length, 0) < bytes) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return Buffer.concat(this.plaintext).toString()
  }
}

function join(serverSettings: TlsSettings, clientSettings: TlsSettings): { client: End; server: End } {
  const serverEnd = new End(serverTls(secureContext({ ...server, ...serverSettings })))
  const clientEnd = new End(clientTls(secureContext({ ...client, ...clientSettings })))
  serverEnd.join(clientEnd)
  clientEnd.join(serverEnd)
  return { client: clientEnd, server: serverEnd }
}

async function established(end: End): Promise<TlsEstablished> {
  const outcome = await end.outcome
  if (typeof outcome === 'string') throw new Error(outcome)
  return outcome
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('control channel TLS with %s', version => {
  const settings = { ...BOTH, minimum: version, maximum: version }

  test('both ends agree on version, suite and exported keys, and carry plaintext', async () => {
    const ends = join(BOTH, settings)
    const [a, b] = [await established(ends.client), await established(ends.server)]
    expect(b.version).toBe(version)
    expect(b.cipher).toBe(
      version === 'TLSv1.3' ? 'TLS_AES_256_GCM_SHA384' : 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    )
    expect(b.dataKeyExport).toHaveLength(256)
    expect(b.dataKeyExport).toEqual(a.dataKeyExport)
    expect(b.dynamicTlsCryptExport).toEqual(a.dynamicTlsCryptExport)
    expect(b.dynamicTlsCryptExport).not.toEqual(b.dataKeyExport)
    ends.client.connection.write(Buffer.from('key method 2'))
    expect(await ends.server.receive(12)).toBe('key method 2')
    ends.server.connection.write(Buffer.from('PUSH_REPLY'))
    expect(await ends.client.receive(10)).toBe('PUSH_REPLY')
  })

  test('hands up the whole chain as the peer sent it, leaf first', async () => {
    const ends = join(BOTH, settings)
    const [seenByServer, seenByClient] = [await established(ends.server), await established(ends.client)]
    expect(seenByServer.peerChain.map(der => [...der])).toEqual(client.chain.map(der => [...der]))
    expect(seenByClient.peerChain.map(der => [...der])).toEqual(server.chain.map(der => [...der]))
  })
})

test('a client without a certificate is established with an empty chain', async () => {
  const serverEnd = new End(serverTls(secureContext({ ...server, ...BOTH })))
  const clientEnd = new End(clientTls(secureContext(BOTH)))
  serverEnd.join(clientEnd)
  clientEnd.join(serverEnd)
  expect((await established(serverEnd)).peerChain).toEqual([])
})

describe('a failed handshake says why in words', () => {
  test('no shared cipher', async () => {
    const only128 = { ...BOTH, maximum: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'] } as const
    const only256 = { ...only128, ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] } as const
    expect(await join(only256, only128).server.outcome).toBe('no shared cipher')
  })

  test('wrong version', async () => {
    const ends = join({ ...BOTH, minimum: 'TLSv1.3' }, { ...BOTH, maximum: 'TLSv1.2' })
    expect(await ends.server.outcome).toMatch(/^wrong version/)
    expect(await ends.client.outcome).toMatch(/^wrong version/)
  })

  test('bytes that are no TLS', async () => {
    const { server: end } = join(BOTH, BOTH)
    end.connection.input(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    expect(await end.outcome).toMatch(/http request|wrong version/)
  })
})

test('more than may wait is a failure, not memory', async () => {
  const { server: end } = join(BOTH, BOTH)
  end.connection.input(new Uint8Array(TLS_BUFFER_BYTES + 1))
  expect(await end.outcome).toBe('the peer sends more than TLS can take')
})

test('nothing is told after close', async () => {
  const ends = join(BOTH, BOTH)
  await established(ends.server)
  await established(ends.client)
  ends.server.connection.close()
  ends.server.connection.close()
  ends.client.connection.write(Buffer.from('late'))
  ends.server.connection.input(Buffer.from('late'))
  ends.server.connection.write(Buffer.from('late'))
  await new Promise(resolve => setImmediate(resolve))
  expect(ends.server.plaintext).toEqual([])
})

test('settings that OpenSSL does not take are an error with a code', () => {
  expect(() => secureContext({ ...BOTH, ciphers: ['NO-SUCH-CIPHER'] })).toThrowError(
    expect.objectContaining({ code: 'ERR_TLS_SETTINGS' }),
  )
})
