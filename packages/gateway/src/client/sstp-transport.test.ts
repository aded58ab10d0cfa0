import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createMemoryDatapath, type Datapath, MemoryNetwork } from '@causeway/datapath'
import { sstpOpeningAnswer, sstpRefusal } from '@causeway/sstp'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { formatPem, type IssuedCertificate } from '@causeway/x509'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientCredentials, gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { sharedPortTlsContext } from '../tls/control-context.ts'
import { type SstpAccess, sstpAccess } from './sstp-profile.ts'
import { openSstp } from './sstp-transport.ts'

const unixSeconds = () => Date.now() / 1000

let authority: IssuedCertificate
let server: Server
let datapath: Datapath
let connections: Socket[]

beforeEach(async () => {
  authority = await root()
  connections = []
  datapath = createMemoryDatapath({ workers: 1, onEvents: () => undefined }, new MemoryNetwork())
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  for (const socket of connections) socket.destroy()
  datapath.close()
  server.close()
})

/** Answers the opening with this, and says at once that nothing follows. */
async function answerAndEnd(answer: Uint8Array): Promise<void> {
  const context = sharedPortTlsContext(await gatewayCredentials(authority))
  server.on('connection', socket => {
    connections.push(socket)
    const tls = context.open()
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      const { records, plaintext } = tls.input(chunk)
      const last = plaintext ? [tls.write(answer).records, tls.end().records] : []
      socket.write(Buffer.concat([records, ...last].flatMap(bytes => (bytes ? [bytes] : []))))
    })
  })
}

async function access(): Promise<SstpAccess> {
  const { certificateChain, privateKey } = await clientCredentials(authority)
  const { port } = server.address() as { readonly port: number }
  const profile = {
    server: { address: parseIpAddress('127.0.0.1') as IpAddress, port },
    serverName: 'gateway.test',
    authority: formatPem(authority.certificate),
    certificate: certificateChain,
    privateKey,
    tunnelMtu: 1400,
  }
  return sstpAccess(profile, unixSeconds)
}

test.each([
  ['accepts and ends at once opens nothing', sstpOpeningAnswer(), 'closed the TLS connection'],
  ['refuses and ends at once is heard', sstpRefusal(503, 'full'), '503 Service Unavailable'],
])('a server that %s', async (_, answer, reason) => {
  await answerAndEnd(answer)
  await expect(openSstp(await access(), datapath, () => undefined)).rejects.toThrow(reason)
  const [socket] = connections as [Socket]
  if (!socket.closed) await once(socket, 'close')
  // Ids go up by one: none was given to a stream that nobody would close.
  expect(datapath.openStream({ framing: 'sstp' })).toBe(1)
})
