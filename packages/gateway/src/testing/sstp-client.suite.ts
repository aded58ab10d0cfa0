import { createMemoryDatapath, type MemoryDatapath } from '@causeway/datapath'
import type { SstpEngine } from '@causeway/sstp'
import { formatPem } from '@causeway/x509'
import { SstpClient } from '../client/sstp-client.ts'
import type { SstpClientProfile } from '../client/sstp-profile.ts'
import { clientCredentials, type TlsCredentials } from './credentials.suite.ts'
import { address, recordingLog, type TestGateway } from './test-gateway.suite.ts'

/** An SSTP client in memory, with real TLS over real TCP. */
export interface SstpTestClient {
  readonly vpn: SstpClient
  readonly datapath: MemoryDatapath
  readonly lines: ReturnType<typeof recordingLog>['lines']
}

/** What connects with this certificate to a gateway on loopback. */
export function sstpProfile(site: TestGateway, credentials: TlsCredentials): SstpClientProfile {
  return {
    server: { address: address('127.0.0.1'), port: site.remote('tcp').port },
    serverName: 'gateway.test',
    authority: formatPem(site.authority.certificate),
    certificate: credentials.certificateChain,
    privateKey: credentials.privateKey,
    tunnelMtu: site.configuration.sstp.tunnelMtu,
  }
}

/** A client with this certificate. */
export function sstpClient(
  site: TestGateway,
  credentials: TlsCredentials,
  changes: Partial<SstpClientProfile> = {},
  alterEngine?: (engine: SstpEngine) => SstpEngine,
): SstpTestClient {
  const { log, lines } = recordingLog()
  let datapath: MemoryDatapath | undefined
  const vpn = new SstpClient({
    profile: { ...sstpProfile(site, credentials), ...changes },
    createDatapath: onEvents => {
      datapath = createMemoryDatapath({ workers: 1, onEvents }, site.network)
      return datapath
    },
    run: () => Promise.resolve(),
    log,
    ...(alterEngine && { alterEngine }),
  })
  if (!datapath) throw new Error('the client has no datapath')
  return { vpn, datapath, lines }
}

/** A client of this name that is connected. */
export async function connectSstp(site: TestGateway, name: string): Promise<SstpTestClient> {
  const client = sstpClient(site, await clientCredentials(site.authority, name))
  await client.vpn.connected
  await site.eventually(() => site.gateway.sessions().some(({ user }) => user === name))
  return client
}
