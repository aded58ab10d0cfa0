import { createGround, type Ground } from '../ground.ts'
import { describeCommit, describeMachine } from '../machine.ts'
import { type BenchOptions, parseBenchOptions } from '../options.ts'
import { createRow, formatTable, type Report } from '../report.ts'
import { type Contender, createCauseway, createOpenVpn, type Transport } from './contender.ts'
import { crowdSamples, type Results, trafficSamples } from './rows.ts'
import { measureCrowd } from './sessions.ts'
import { measureTraffic } from './traffic.ts'

// npm run bench -- openvpn: Causeway and Debian's openvpn in turn, in each round, on the same ground.

const SECONDS = { full: 4, quick: 2 } as const
const SESSIONS = { full: 1000, quick: 64 } as const
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp']

main().catch((error: Error) => {
  console.error(`bench: ${error.message}`)
  process.exit(1)
})

async function main(): Promise<void> {
  const options = readOptions()
  const ground = await createGround()
  const contenders = [await createOpenVpn(ground), createCauseway(ground)].filter(
    ({ name }) => options.server === undefined || options.server === name,
  )
  const results: Results = { traffic: [], crowds: [] }
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`)
    if (wants(options, 'traffic')) await trafficRound(ground, contenders, options, results)
    if (wants(options, 'sessions')) await crowdRound(ground, contenders, options, results)
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

/** Each server with Debian's client, and Causeway's server with its own. */
async function trafficRound(
  ground: Ground,
  contenders: readonly Contender[],
  options: BenchOptions,
  results: Results,
): Promise<void> {
  const seconds = options.quick ? SECONDS.quick : SECONDS.full
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

async function crowdRound(
  ground: Ground,
  contenders: readonly Contender[],
  options: BenchOptions,
  results: Results,
): Promise<void> {
  for (const server of contenders) {
    const crowd = await measureCrowd(ground, server, options.quick ? SESSIONS.quick : SESSIONS.full)
    results.crowds.push({ server: server.name, crowd })
    progress(`${server.name}: ${JSON.stringify(crowd)}`)
  }
}

function wants(options: BenchOptions, group: string): boolean {
  return options.only.length === 0 || options.only.includes(group)
}

/** On standard error: the last line of standard output is the report. */
function progress(text: string): void {
  console.error(`bench: ${text}`)
}

function print(options: BenchOptions, results: Results): void {
  const rows = [...trafficSamples(results), ...crowdSamples(results)].map(createRow)
  console.log(formatTable(rows, 'openvpn'))
  if (!options.json) return
  const report: Report = { name: 'openvpn', machine: describeMachine(), commit: describeCommit(), rows }
  console.log(JSON.stringify(report))
}
