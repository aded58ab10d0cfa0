import { progress, type Round, runBench } from '../run.ts'
import { createCauseway } from './causeway.ts'
import type { Contender } from './contender.ts'
import { type Durations, measurePair, waitForTunnel } from './measure.ts'
import { createPair, type Pair } from './pair.ts'
import { type Result, samplesOf } from './rows.ts'
import { strongswan } from './strongswan.ts'

// npm run bench -- s2s: two hosts, each behind a gateway of its own. Both gateways are strongSwan, and then both are
// Causeway, in turn in each round and on the same ground.

/** The machine's own may be another: with BBR the figures would speak of its pacing, not of the tunnel. */
const CONGESTION_CONTROL = 'cubic'

const FULL: Durations = { streamSeconds: 4, datagramSeconds: 3 }
const QUICK: Durations = { streamSeconds: 2, datagramSeconds: 1 }
const TUNNEL_LIMIT_MS = 30_000

const results: Result[] = []
let pair: Pair | undefined

runBench<Contender['name'], Contender>({
  name: 's2s',
  peer: 'strongswan',
  congestionControl: CONGESTION_CONTROL,
  contenders: async () => [strongswan, createCauseway()],
  takeRound: async round => {
    pair ??= await createPair(round.ground, CONGESTION_CONTROL)
    for (const contender of round.contenders) await takeTurn(round, pair, contender)
  },
  samples: () => samplesOf(results),
})

async function takeTurn({ options }: Round<Contender>, pair: Pair, contender: Contender): Promise<void> {
  const running = await contender.start(pair)
  try {
    await waitForTunnel(pair, running, TUNNEL_LIMIT_MS)
    const carried = await measurePair(pair, running, options.quick ? QUICK : FULL)
    results.push({ contender: contender.name, carried })
    progress(`${contender.name}: ${JSON.stringify(carried)}`)
  } finally {
    await running.stop()
  }
}
