import { readFileSync } from 'node:fs'
import { createNativeDatapath } from '@causeway/datapath'
import { createLog, SstpClient, type SstpClientProfile, SstpLoad, systemCommand } from '@causeway/gateway'
import { MESSAGE_TYPES, type SstpEngine, type SstpOutput } from '@causeway/sstp'
import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import type { SstpClientPlan } from './sstp-client.ts'

// sstp-client-main.ts PLAN: Causeway's client role of SSTP, as the plan (JSON) has it. `call`: prints `connected` when it
// has an address, and `ended REASON`. `crowd`: opens so many calls, prints `open COUNT`, tries one more, prints
// `one more REASON` and stays until SIGTERM.

/** Calls of a crowd that are set up at a time. */
const AT_ONCE = 8
const MTU = 1_400
const PORT = 443

/** Where the fields of a Call Connected message begin ([MS-SSTP] §2.2.11). */
const TYPE_OFFSET = 4
const NONCE_OFFSET = 16
const CERTIFICATE_HASH_OFFSET = 48
const COMPOUND_MAC_OFFSET = 80

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SstpClientPlan
const profile: SstpClientProfile = {
  server: { address: prefixOf(plan.server).address, port: PORT },
  serverName: plan.serverName,
  authority: readFileSync(plan.authority, 'utf8'),
  certificate: readFileSync(plan.certificate, 'utf8'),
  privateKey: readFileSync(plan.privateKey, 'utf8'),
  tunnelMtu: MTU,
}
const log = createLog('warn', false)
const createDatapath = (
  onEvents: Parameters<typeof createNativeDatapath>[0]['onEvents'],
): ReturnType<typeof createNativeDatapath> => createNativeDatapath({ workers: 1, onEvents })

if (plan.crowd !== undefined) await crowd(plan.crowd)
else await call()

async function call(): Promise<void> {
  let recorded: Uint8Array | undefined
  if (plan.binding === 'replayed') {
    const first = start(packet => {
      recorded = packet.slice()
      return packet
    })
    await first.connected
    await first.stop()
  }
  const client = start(packet => forge(packet, recorded))
  client.connected.then(
    () => console.log('connected'),
    () => undefined,
  )
  process.on('SIGTERM', () => client.stop().then(() => process.exit(0)))
  console.log(`ended ${await client.ended}`)
  await client.stop()
  process.exit(0)
}

function start(change: (callConnected: Uint8Array) => Uint8Array | undefined): SstpClient {
  return new SstpClient({
    profile,
    createDatapath,
    log,
    run: systemCommand,
    destinations: plan.destinations.map(prefixOf),
    alterEngine: engine => alteredEngine(engine, change),
  })
}

/** What becomes of a Call Connected message; `undefined`: it is not sent. */
function forge(packet: Uint8Array, recorded: Uint8Array | undefined): Uint8Array | undefined {
  const changedAt = (offset: number): Uint8Array =>
    packet.map((byte, at) => (at === offset ? byte ^ 1 : byte))
  switch (plan.binding) {
    case 'right':
      return packet
    case 'other MAC':
      return changedAt(COMPOUND_MAC_OFFSET)
    case 'other nonce':
      return changedAt(NONCE_OFFSET)
    case 'other certificate':
      return changedAt(CERTIFICATE_HASH_OFFSET)
    case 'replayed':
      return recorded
    case 'missing':
      return undefined
    default:
      return plan.binding satisfies never
  }
}

function alteredEngine(
  engine: SstpEngine,
  change: (callConnected: Uint8Array) => Uint8Array | undefined,
): SstpEngine {
  const poll = (): SstpOutput | undefined => {
    const output = engine.poll()
    if (output?.type !== 'send' || !isCallConnected(output.packet)) return output
    const packet = change(output.packet)
    return packet ? { ...output, packet } : poll()
  }
  return {
    handleDatagram: (datagram, now) => engine.handleDatagram(datagram, now),
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    nextTimeout: () => engine.nextTimeout(),
    poll,
  }
}

function isCallConnected(packet: Uint8Array): boolean {
  const isControl = ((packet[1] ?? 0) & 1) === 1
  const type = ((packet[TYPE_OFFSET] ?? 0) << 8) | (packet[TYPE_OFFSET + 1] ?? 0)
  return isControl && type === MESSAGE_TYPES['call-connected']
}

async function crowd(count: number): Promise<void> {
  let changed = (): void => {}
  const load = new SstpLoad({ profile, createDatapath, log, onChange: () => changed() })
  process.on('SIGTERM', () => load.stop().then(() => process.exit(0)))
  const change = (): Promise<void> =>
    new Promise(resolve => {
      changed = resolve
    })
  for (let begun = 0; load.open < count; ) {
    if (load.refused > 0) throw new Error(`${load.refused} of ${begun} calls were refused: ${load.refusal}`)
    const next = change()
    for (; begun < count && begun - load.established < AT_ONCE; begun++) void load.connect()
    await next
  }
  console.log(`open ${load.open}`)
  const next = change()
  await load.connect()
  await next
  console.log(`one more ${load.refused > 0 ? load.refusal : 'was let in'}`)
}

function prefixOf(text: string): IpPrefix {
  const prefix = parseIpPrefix(text.includes('/') ? text : `${text}/32`)
  if (!prefix) throw new Error(`${text} is no address`)
  return prefix
}
