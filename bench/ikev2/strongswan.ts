import { type Credential, createAuthority, issue } from '../../interop/harness/certificates.ts'
import { certificateFile, Strongswan } from '../../interop/harness/strongswan.ts'
import type { Sections } from '../../interop/harness/swanctl.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { CLIENT, type Ground, SERVER } from '../ground.ts'
import { type Contender, POOL, type StartOptions } from './contender.ts'

const SERVER_NAME = 'bench.example'
const CLIENT_NAME = 'bench'
const CHILD = 'tunnel'
const IKE_PROPOSALS = ['aes256gcm16-prfsha256-ecp256', 'aes256gcm16-prfsha256-modp2048']
const ESP_PROPOSAL = 'aes256gcm16'

/** Debian's strongSwan, with ESP in user space by its kernel-libipsec plugin. Keys as the quick start's: RSA 2048. */
export async function createStrongswan(ground: Ground): Promise<Contender> {
  const authority = await createAuthority('Bench Root')
  const server = await issue(authority, {
    commonName: SERVER_NAME,
    usage: 'serverAuth',
    alternativeNames: [`DNS:${SERVER_NAME}`],
  })
  const client = await issue(authority, {
    commonName: CLIENT_NAME,
    alternativeNames: [`DNS:${CLIENT_NAME}`],
  })
  const authorities = [authority.certificatePath]
  const access = {
    server: SERVER,
    local: CLIENT,
    serverName: SERVER_NAME,
    authorityPath: authority.certificatePath,
    certificatePath: client.certificatePath,
    keyPath: client.keyPath,
  }
  return {
    name: 'strongswan',
    async start(options) {
      const daemon = await Strongswan.start({
        namespace: ground.server,
        title: 'strongswan responder',
        swanctl: { connections: { bench: responderOf(server) }, pools: { bench: { addrs: POOL } } },
        daemon: daemonOf(options),
        credentials: [server],
        authorities,
      })
      return { pid: daemon.process.pid, access, stop: () => daemon.stop('SIGKILL') }
    },
    async openTunnel() {
      const daemon = await Strongswan.start({
        namespace: ground.client,
        title: 'strongswan client',
        swanctl: { connections: { bench: initiatorOf(client) } },
        credentials: [client],
        authorities,
      })
      await daemon.initiate(CHILD)
      return { device: daemon.device, stop: () => daemon.stop() }
    },
  }
}

/** Silent logs, as in service, and no limit that many sessions of one address would meet. */
function daemonOf({ cookies }: StartOptions): Sections {
  return {
    filelog: { stderr: { default: '0', dmn: '1', job: '1', flush_line: 'yes' } },
    ...(cookies ? {} : { dos_protection: 'no' }),
    ikesa_table_size: '4096',
    ikesa_table_segments: '16',
  }
}

function responderOf(credential: Credential): Sections {
  return {
    ...common(credential),
    pools: 'bench',
    unique: 'never',
    rekey_time: '0',
    send_cert: 'always',
    remote: { auth: 'pubkey' },
    children: { [CHILD]: { ...CHILD_SETTINGS, local_ts: [ADDRESSES.insideNetwork] } },
  }
}

function initiatorOf(credential: Credential): Sections {
  return {
    ...common(credential),
    remote_addrs: SERVER,
    vips: '0.0.0.0',
    remote: { auth: 'pubkey', id: SERVER_NAME },
    children: { [CHILD]: { ...CHILD_SETTINGS, remote_ts: [ADDRESSES.insideNetwork] } },
  }
}

const CHILD_SETTINGS: Sections = { esp_proposals: ESP_PROPOSAL, rekey_time: '0' }

function common({ commonName }: Credential): Sections {
  return {
    version: '2',
    proposals: IKE_PROPOSALS,
    encap: 'yes', // kernel-libipsec carries ESP in UDP alone
    local: { auth: 'pubkey', certs: certificateFile(commonName), id: commonName },
  }
}
