import {
  type Checked,
  formatDocumentFault,
  type GatewaySettings,
  readGatewaySettings,
  readVirtualNetworkGateway,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { GatewayProcess, StartOptions } from '@causeway/gateway'
import type { Command, CommandInput, CommandOptions, Print } from '../command.ts'
import { CommandFailure, EXIT, usageFailure } from '../command-failure.ts'
import { readDocumentFile } from '../document-file.ts'
import { logLevelOf } from '../log-level.ts'
import { nextSignal } from '../next-signal.ts'
import { optimiseEarly } from '../optimise-early.ts'
import { programVersion } from '../version.ts'

/** `causeway up`: the one command that is the gateway. */
export const up: Command = {
  words: [],
  options: ['listen', 'inside', 'pool', 'host', 'config', 'settings', 'api-port', 'log-level'],
  async run({ options, directory, print }: CommandInput) {
    checkPort(options['api-port'])
    const start = await startOptions(options)
    // A signal during the start counts too: the gateway then stops as soon as it has started.
    const signal = nextSignal()
    optimiseEarly()
    const { createLog, LOG_LEVELS, startGatewayProcess } = await import('@causeway/gateway')
    const log = createLog(logLevelOf(options, LOG_LEVELS), process.stderr.isTTY === true)
    const running = await startGatewayProcess({ directory, start, log, version: programVersion() })
    announce(running, print)
    log.info({ signal: await signal }, 'stopping')
    await running.stop()
    return EXIT.done
  },
}

/** What people want to know, and what scripts wait for: one line a listener, then `ready`. */
function announce({ prepared, listening, firstProfiles }: GatewayProcess, print: Print): void {
  const inside = prepared.settings.insidePrefixes ?? []
  print({
    json: { inside },
    text: `inside networks: ${inside.join(', ') || 'none; name them with --inside'}`,
  })
  for (const path of firstProfiles) print({ json: { profile: path }, text: `first user's profile: ${path}` })
  for (const { transport, endpoint } of listening)
    print({ json: { listening: endpoint, transport }, text: `listening on ${transport} ${endpoint}` })
  print({ json: { ready: true }, text: 'ready' })
}

async function startOptions(options: CommandOptions): Promise<StartOptions> {
  const { config, settings, listen, inside, pool, host } = options
  return {
    ...(config !== undefined && { resource: await readResource(config) }),
    ...(settings !== undefined && { settings: await readSettings(settings) }),
    ...(listen !== undefined && { listen }),
    ...(inside !== undefined && { insidePrefixes: list(inside) }),
    ...(pool !== undefined && { addressPool: list(pool) }),
    ...(host !== undefined && { hostNames: list(host) }),
  }
}

async function readResource(path: string): Promise<VirtualNetworkGateway> {
  return accepted(path, readVirtualNetworkGateway(await readDocumentFile(path)))
}

async function readSettings(path: string): Promise<GatewaySettings> {
  return accepted(path, readGatewaySettings(await readDocumentFile(path)))
}

function accepted<Value>(path: string, read: Checked<Value>): Value {
  if (read.type === 'good') return read.value
  const [first, ...more] = read.faults.map(formatDocumentFault)
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new CommandFailure(`${path}: ${first}${rest}`, 'InvalidParameter', EXIT.usage)
}

function list(text: string): string[] {
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

function checkPort(text: string | undefined): void {
  if (text === undefined || (/^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536)) return
  throw usageFailure(`--api-port: '${text}' is not a port; give 1 to 65535`)
}
