import type { BenchOptions } from '../options.ts'
import { progress, type Round, runBench } from '../run.ts'
import { type Contender, createCauseway, createOpenVpn, type Transport } from './contender.ts'
import { crowdSamples, type Results, trafficSamples } from './rows.ts'
import { measureCrowd } from './sessions.ts'
import { measureTraffic } from './traffic.ts'

// npm run bench -- openvpn: Causeway and Debian's openvpn in turn, in each round, on the same ground.

const SECONDS = { full: 4, quick: 2 } as const
const SESSIONS = { full: 1000, quick: 64 } as const
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp']

const results: Results = { traffic: [], crowds: [] }

runBench<Contender['name'], Contender>({
  name: 'openvpn',
  peer: 'openvpn',
  contenders: async ground => [await createOpenVpn(ground), createCauseway(ground)],
  takeRound: async round => {
    if (round.wants('traffic')) await trafficRound(round)
    if (round.wants('sessions')) await crowdRound(round)
  },
  samples: () => [...trafficSamples(results), ...crowdSamples(results)],
})

/** Each server with Debian's client, and Causeway's server with its own. */
async function trafficRound({ ground, contenders, options }: Round<Contender>): Promise<void> {
  const seconds = sizeOf(options, SECONDS)
  for (const transport of TRANSPORTS) {
    for (const server of contenders) {
      const clients = server.name === 'causeway' ? (['openvpn', 'causeway'] as const) : (['openvpn'] as const)
      for (const client of clients) {
        const traffic = await measureTraffic(ground, server, client, transport, seconds)
        results.traffic.push({ server: server.name, client, transport, traffic })
        progress(`${transport}: ${server.name} server, ${client} client: ${JSON.stringify(traffic)}`)
      }
    }
  }
}

async function crowdRound({ ground, contenders, options }: Round<Contender>): Promise<void> {
  for (const server of contenders) {
    const crowd = await measureCrowd(ground, server, 'udp', sizeOf(options, SESSIONS))
    results.crowds.push({ server: server.name, crowd })
    progress(`${server.name}: ${JSON.stringify(crowd)}`)
  }
}

function sizeOf({ quick }: BenchOptions, sizes: { readonly full: number; readonly quick: number }): number {
  return quick ? sizes.quick : sizes.full
}
