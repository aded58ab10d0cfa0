import { readFileSync } from 'node:fs'
import { createNativeDatapath } from '@causeway/datapath'
import { type ClientHost, createLog, linuxClientHost } from '@causeway/gateway'
import { type ClientAnnouncement, parseProfile } from '@causeway/openvpn'
import { startClient } from '../../packages/gateway/src/client/vpn-client.ts'

// azure-client-main.ts PROFILE: Causeway's client role in the words of Azure's VPN Client, which negotiates nothing.
// Prints `pushed JSON` and `connected ADDRESSES`, and leaves on SIGTERM.

/** As captured from Azure VPN Client: one line with spaces, and an options string with its own MTU. */
const AZURE: ClientAnnouncement = {
  peerInfo: 'IV_VER=AzMac IV_PLAT=0.1 IV_PROTO=1 IV_PLAT_VER= IV_PLAT_DEVICE_ID=x64',
  options: [
    'V4,dev-type tun,link-mtu 1500,tun-mtu 1551,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM',
    'auth [null-digest],keysize 256,tls-auth,key-method 2,tls-client',
  ].join(','),
}

const parsed = parseProfile(readFileSync(process.argv[2] ?? '', 'utf8'))
if (parsed.type === 'profile-fault') throw new Error(`line ${parsed.line}: ${parsed.reason}`)
const linux = linuxClientHost()
const host: ClientHost = {
  configure: (tun, options, server, mtu) => {
    console.log('pushed', JSON.stringify(options.negotiated))
    return linux.configure(tun, options, server, mtu)
  },
  restore: () => linux.restore(),
}
const client = startClient({
  profile: { ...parsed.profile, dataCiphers: ['AES-256-GCM'] },
  announcement: AZURE,
  createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
  host,
  log: createLog('debug', false),
  onConnected: addresses => console.log('connected', addresses.join(' ')),
  onDisconnected: reason => console.log('disconnected', reason),
})
process.on('SIGTERM', () => client.stop())
await client.done
