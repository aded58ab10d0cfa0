import { createGround, type Ground } from '../ground.ts'
import type { Group } from '../load/ikev2-access.ts'
import { describeCommit, describeMachine } from '../machine.ts'
import { type BenchOptions, parseBenchOptions } from '../options.ts'
import { createRow, formatTable, type Report } from '../report.ts'
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

main().catch((error: Error) => {
  console.error(`bench: ${error.message}`)
  process.exit(1)
})

async function main(): Promise<void> {
  const options = readOptions()
  const ground = await createGround(CONGESTION_CONTROL)
  const contenders = [await createStrongswan(ground), createCauseway(ground)].filter(
    ({ name }) => options.server === undefined || options.server === name,
  )
  const results: Results = { traffic: [], handshakes: [], memory: [], floods: [] }
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`)
    for (const contender of contenders) await takeRound(ground, contender, options, round, results)
  }
  ground.close()
  print(options, results)
}

function readOptions(): BenchOptions {
  try {
    return parseBenchOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`)
    process.exit(2)
  }
}

async function takeRound(
  ground: Ground,
  contender: Contender,
  options: BenchOptions,
  round: number,
  results: Results,
): Promise<void> {
  const sizes = options.quick ? QUICK : FULL
  if (wants(options, 'traffic')) await takeTraffic(ground, contender, sizes, results)
  if (wants(options, 'sessions')) await takeCrowds(ground, contender, sizes, round, results)
  if (wants(options, 'flood')) await takeFlood(ground, contender, sizes, results)
}

/** Each program at both ends. */
async function takeTraffic(
  ground: Ground,
  contender: Contender,
  { seconds }: Sizes,
  results: Results,
): Promise<void> {
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
  results: Results,
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

async function takeFlood(
  ground: Ground,
  contender: Contender,
  { flood }: Sizes,
  results: Results,
): Promise<void> {
  const measured = await measureFlood(ground, contender, flood)
  results.floods.push({ contender: contender.name, measured })
  progress(`${contender.name} in a flood: ${JSON.stringify(measured)}`)
}

function wants(options: BenchOptions, group: string): boolean {
  return options.only.length === 0 || options.only.includes(group)
}

/** On standard error: the last line of standard output is the report. */
function progress(text: string): void {
  console.error(`bench: ${text}`)
}

function print(options: BenchOptions, results: Results): void {
  const rows = samplesOf(results).map(createRow)
  console.log(formatTable(rows, 'strongswan'))
  if (!options.json) return
  const machine = describeMachine(CONGESTION_CONTROL)
  const report: Report = { name: 'ikev2', machine, commit: describeCommit(), rows }
  console.log(JSON.stringify(report))
}
