import { createMemoryDatapath, type MemoryDatapath } from '@causeway/datapath'
import { formatPem } from '@causeway/x509'
import { Ikev2Client } from '../client/ikev2-client.ts'
import type { Ikev2ClientProfile } from '../client/ikev2-profile.ts'
import { clientCredentials, type TlsCredentials } from './credentials.suite.ts'
import { address, recordingLog, type TestGateway } from './test-gateway.suite.ts'

const IKE_PORT = 500
const NAT_PORT = 4500

/** Where a gateway on loopback hears IKE and ESP in UDP. */
export function ikeListeners(): TestGateway['configuration']['listeners'] {
  const local = address('127.0.0.1')
  return [
    { transport: 'udp', service: 'ike', local: { address: local, port: IKE_PORT } },
    { transport: 'udp', service: 'ike-esp', local: { address: local, port: NAT_PORT } },
  ]
}

/** An IKEv2 client in memory. */
export interface Ikev2TestClient {
  readonly vpn: Ikev2Client
  readonly datapath: MemoryDatapath
  readonly lines: ReturnType<typeof recordingLog>['lines']
}

/** What connects with this certificate to a gateway on loopback. */
export function ikev2Profile(site: TestGateway, credentials: TlsCredentials): Ikev2ClientProfile {
  const { ikeSuites, espSuites, tunnelMtu } = site.configuration.ikev2
  return {
    server: { address: address('127.0.0.1'), port: NAT_PORT },
    serverName: 'gateway.test',
    authority: formatPem(site.authority.certificate),
    certificate: credentials.certificateChain,
    privateKey: credentials.privateKey,
    ikeSuites,
    espSuites,
    forceEncapsulation: true,
    tunnelMtu,
  }
}

/** A client with this certificate. */
export function ikev2Client(
  site: TestGateway,
  credentials: TlsCredentials,
  changes: Partial<Ikev2ClientProfile> = {},
): Ikev2TestClient {
  const { log, lines } = recordingLog()
  let datapath: MemoryDatapath | undefined
  const vpn = new Ikev2Client({
    profile: { ...ikev2Profile(site, credentials), ...changes },
    local: address('127.0.0.1'),
    createDatapath: onEvents => {
      datapath = createMemoryDatapath({ workers: 1, onEvents }, site.network)
      return datapath
    },
    run: () => Promise.resolve(),
    log,
  })
  if (!datapath) throw new Error('the client has no datapath')
  return { vpn, datapath, lines }
}

/** A client of this name that is connected. */
export async function connectIkev2(site: TestGateway, name: string): Promise<Ikev2TestClient> {
  const client = ikev2Client(site, await clientCredentials(site.authority, name))
  await client.vpn.connected
  await site.eventually(() => site.gateway.sessions().some(({ user }) => user === name))
  return client
}
