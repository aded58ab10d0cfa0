import type { Ground } from '../ground.ts'
import type { Group } from '../load/ikev2-access.ts'
import { progress, type Round, runBench } from '../run.ts'
import { measureTunnel, untunneledLatency } from '../traffic.ts'
import { createCauseway } from './causeway.ts'
import type { Contender } from './contender.ts'
import { type CrowdSize, measureCrowd } from './crowd.ts'
import { type FloodSize, measureFlood } from './flood.ts'
import { type Results, samplesOf } from './rows.ts'
import { createStrongswan } from './strongswan.ts'

// npm run bench -- ikev2 [--only traffic|sessions|flood]: Causeway and Debian's strongSwan in turn, in each round, on
// the same ground, each with its own client for traffic and with Causeway's load generator for the rest.

/** The machine's own may be another: with BBR the figures would speak of its pacing, not of the tunnel. */
const CONGESTION_CONTROL = 'cubic'

interface Sizes {
  readonly seconds: number
  readonly crowds: Readonly<Record<Group, CrowdSize>>
  readonly flood: FloodSize
}

const FULL: Sizes = {
  seconds: 4,
  crowds: {
    'ECP-256': { warmUp: 1000, handshakes: 1000, idle: 5000 },
    'MODP-2048': { warmUp: 500, handshakes: 500 },
  },
  flood: { count: 20_000, perSecond: 10_000 },
}

const QUICK: Sizes = {
  seconds: 2,
  crowds: {
    'ECP-256': { warmUp: 50, handshakes: 50, idle: 200 },
    'MODP-2048': { warmUp: 50, handshakes: 50 },
  },
  flood: { count: 2_000, perSecond: 2_000 },
}

const results: Results = { traffic: [], handshakes: [], memory: [], floods: [] }

runBench<Contender['name'], Contender>({
  name: 'ikev2',
  peer: 'strongswan',
  congestionControl: CONGESTION_CONTROL,
  contenders: async ground => [await createStrongswan(ground), createCauseway(ground)],
  takeRound: async round => {
    for (const contender of round.contenders) await takeTurn(round, contender)
  },
  samples: () => samplesOf(results),
})

async function takeTurn(
  { ground, options, number, wants }: Round<Contender>,
  contender: Contender,
): Promise<void> {
  const sizes = options.quick ? QUICK : FULL
  if (wants('traffic')) await takeTraffic(ground, contender, sizes)
  if (wants('sessions')) await takeCrowds(ground, contender, sizes, number)
  if (wants('flood')) await takeFlood(ground, contender, sizes)
}

/** Each program at both ends. */
async function takeTraffic(ground: Ground, contender: Contender, { seconds }: Sizes): Promise<void> {
  const direct = await untunneledLatency(ground)
  const responder = await contender.start({ cookies: true })
  try {
    const tunnel = await contender.openTunnel(responder)
    const measured = await measureTunnel(ground, responder.pid, tunnel.device, direct, seconds)
    await tunnel.stop()
    results.traffic.push({ contender: contender.name, measured })
    progress(`${contender.name} at both ends: ${JSON.stringify(measured)}`)
  } finally {
    await responder.stop()
  }
}

async function takeCrowds(
  ground: Ground,
  contender: Contender,
  { crowds }: Sizes,
  round: number,
): Promise<void> {
  for (const [group, { idle, ...size }] of Object.entries(crowds) as [Group, CrowdSize][]) {
    // Memory is the same whatever else the machine does: once is enough.
    const counted = round === 1 && idle !== undefined ? { ...size, idle } : size
    const crowd = await measureCrowd(ground, contender, group, counted)
    results.handshakes.push({ contender: contender.name, group, measured: crowd })
    const { kilobytesPerSession } = crowd
    if (kilobytesPerSession !== undefined)
      results.memory.push({ contender: contender.name, measured: kilobytesPerSession })
    progress(`${contender.name}, ${group}: ${JSON.stringify(crowd)}`)
  }
}

async function takeFlood(ground: Ground, contender: Contender, { flood }: Sizes): Promise<void> {
  const measured = await measureFlood(ground, contender, flood)
  results.floods.push({ contender: contender.name, measured })
  progress(`${contender.name} in a flood: ${JSON.stringify(measured)}`)
}
