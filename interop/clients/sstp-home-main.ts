import { createNativeDatapath } from '@causeway/datapath'
import { createLog, SstpClient, systemCommand } from '@causeway/gateway'
import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { type PlannedClient, servePlans } from '../harness/serve-plans.ts'
import type { SstpHomePlan } from './sstp-home.ts'
import { SstpPasswordClient } from './sstp-password-client.ts'

// Causeway's client role of SSTP.

const MTU = 1_400
const PORT = 443

servePlans<SstpHomePlan>((plan, connected) => {
  if (plan.signIn.type === 'certificate') return byCertificate(plan, plan.signIn, connected)
  return new SstpPasswordClient({ ...plan, ...plan.signIn }, connected)
})

function byCertificate(
  { server, serverName, authority, destinations }: SstpHomePlan,
  { certificate, privateKey }: Extract<SstpHomePlan['signIn'], { readonly type: 'certificate' }>,
  connected: () => void,
): PlannedClient {
  const client = new SstpClient({
    profile: {
      server: { address: prefixOf(server).address, port: PORT },
      serverName,
      authority,
      certificate,
      privateKey,
      tunnelMtu: MTU,
    },
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
    log: createLog('warn', false),
    run: systemCommand,
    destinations: destinations.map(prefixOf),
  })
  const done = client.connected.then(async () => {
    connected()
    await client.ended
  })
  return { done: done.finally(() => client.stop()), stop: () => client.stop() }
}

function prefixOf(text: string): IpPrefix {
  const prefix = parseIpPrefix(text.includes('/') ? text : `${text}/32`)
  if (!prefix) throw new Error(`${text} is no address`)
  return prefix
}
