import { join } from 'node:path'
import {
  type Checked,
  formatDocumentFault,
  type GatewaySettings,
  readGatewaySettings,
  readVirtualNetworkGateway,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { GatewayProcess, StartOptions } from '@causeway/gateway'
import type { Management, ManagementOptions, ManagementStartOptions } from '@causeway/management-api'
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
  options: [
    'listen',
    'inside',
    'pool',
    'host',
    'config',
    'settings',
    'gateway',
    'api-port',
    'api-host',
    'vault-domain',
    'identity-port',
    'log-level',
  ],
  async run({ options, directory, print }: CommandInput) {
    const management = managementOptions(options)
    const start = await startOptions(options)
    // A signal during the start counts too: the gateway then stops as soon as it has started.
    const signal = nextSignal()
    optimiseEarly()
    const { createLog, LOG_LEVELS, startGatewayProcess } = await import('@causeway/gateway')
    const log = createLog(logLevelOf(options, LOG_LEVELS), process.stderr.isTTY === true)
    const version = programVersion()
    const running = await startGatewayProcess({ directory, start, log, version })
    try {
      await manage(running, { start: management, version, log }, print, async () => {
        log.info({ signal: await signal }, 'stopping')
      })
    } finally {
      await running.stop()
    }
    return EXIT.done
  },
}

/** Runs the management API beside the gateway until it is time to stop. */
async function manage(
  running: GatewayProcess,
  options: Omit<ManagementOptions, 'process'>,
  print: Print,
  end: () => Promise<void>,
): Promise<void> {
  const { startManagement } = await import('@causeway/management-api')
  const api = await startManagement({ ...options, process: running })
  try {
    announce(running, print)
    if (api) announceManagement(api, running, print)
    print({ json: { ready: true }, text: 'ready' })
    await end()
  } finally {
    await api?.stop()
  }
}

/** What people want to know, and what scripts wait for: one line a listener, then `ready`. */
function announce({ prepared, inside, listening, firstProfiles }: GatewayProcess, print: Print): void {
  if (!prepared.resource) print({ json: { gateway: null }, text: 'no gateway; make one through the API' })
  else
    print({
      json: { inside },
      text: `inside networks: ${inside.join(', ') || 'none; name them with --inside'}`,
    })
  for (const path of firstProfiles) print({ json: { profile: path }, text: `first user's profile: ${path}` })
  for (const { transport, endpoint } of listening)
    print({ json: { listening: endpoint, transport }, text: `listening on ${transport} ${endpoint}` })
}

/** Where the API is, and at the first start of all who may use it: this is told once. */
function announceManagement(
  { urls, tenantId, subscriptionId, firstAdministrator }: Management,
  { installation }: GatewayProcess,
  print: Print,
): void {
  const [url] = urls
  const authority = join(installation.data.path, 'ca.pem')
  print({
    json: { management: url, urls, authority, tenantId, subscriptionId },
    text: `management API: ${url} (its CA: ${authority})`,
  })
  if (!firstAdministrator) return
  const { clientId, clientSecret } = firstAdministrator
  print({
    json: { firstAdministrator: { tenantId, subscriptionId, clientId, clientSecret } },
    text: [
      'first administrator, shown only this once:',
      `  tenant id      ${tenantId}`,
      `  subscription   ${subscriptionId}`,
      `  client id      ${clientId}`,
      `  client secret  ${clientSecret}`,
    ].join('\n'),
  })
}

async function startOptions(options: CommandOptions): Promise<StartOptions> {
  const { config, settings, listen, inside, pool, host, gateway } = options
  if (gateway !== undefined && gateway !== 'none')
    throw usageFailure(`--gateway: '${gateway}' is not known; give none, or leave it out`)
  return {
    ...(gateway === 'none' && { gateway }),
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

function managementOptions(options: CommandOptions): ManagementStartOptions {
  const {
    'api-port': port,
    'api-host': host,
    'vault-domain': vaultDomain,
    'identity-port': identity,
  } = options
  if (vaultDomain !== undefined && !DOMAIN.test(vaultDomain))
    throw usageFailure(
      `--vault-domain: '${vaultDomain}' is not a domain; give a name such as vault.example.org`,
    )
  return {
    ...(port !== undefined && { port: portOf('--api-port', port) }),
    ...(identity !== undefined && { identityPort: portOf('--identity-port', identity) }),
    ...(host !== undefined && { host }),
    ...(vaultDomain !== undefined && { vaultDomain: vaultDomain.toLowerCase() }),
  }
}

/** At least two labels (RFC 1123 §2.1). */
const DOMAIN =
  /^(?=.{3,200}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/

function portOf(option: string, text: string): number | 'off' {
  if (text === 'off') return 'off'
  if (/^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return Number(text)
  throw usageFailure(`${option}: '${text}' is not a port; give 1 to 65535, or off`)
}
