import { readFileSync } from 'node:fs'
import { createNativeDatapath } from '@causeway/datapath'
import { type ClientHost, createLog, linuxClientHost } from '@causeway/gateway'
import { parseProfile } from '@causeway/openvpn'
import { startClient } from '../../packages/gateway/src/client/vpn-client.ts'
import { AZURE_WORDS } from './openvpn-words.ts'

// azure-client-main.ts PROFILE: Causeway's client role in the words of Azure's VPN Client, which negotiates nothing.
// Prints `pushed JSON` and `connected ADDRESSES`, and leaves on SIGTERM.

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
  profile: { ...parsed.profile, dataCiphers: AZURE_WORDS.dataCiphers },
  announcement: AZURE_WORDS.announcement,
  createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
  host,
  log: createLog('debug', false),
  onConnected: addresses => console.log('connected', addresses.join(' ')),
  onDisconnected: reason => console.log('disconnected', reason),
})
process.on('SIGTERM', () => client.stop())
await client.done
