import { readdir } from 'node:fs/promises'
import { availableParallelism, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createNativeDatapath } from '@causeway/datapath'
import { formatIpPrefix } from '@causeway/wire'
import type { Issuer } from '@causeway/x509'
import type { Logger } from 'pino'
import type { Listener } from '../configuration.ts'
import { linuxHost } from '../host/linux-host.ts'
import { formatListenerAddress } from '../listener/listener-address.ts'
import {
  createManagedGateway,
  type ManagedGateway,
  OperatorChanges,
  PresentGateway,
} from '../managed/index.ts'
import {
  createGatewayMetrics,
  createPacketCapture,
  type GatewayMetrics,
  type GatewayObserver,
  type PacketCapture,
} from '../observation/index.ts'
import { addClient, listClients, readClient } from '../profile/index.ts'
import {
  type Installation,
  openInstallation,
  type Prepared,
  prepareGateway,
  type StartOptions,
  unusedOptions,
} from '../quick-start/index.ts'
import type { Gateway } from '../runtime/gateway.ts'
import { DEFAULT_TUN_NAME, startGateway } from '../runtime/start-gateway.ts'
import { watchCertificate } from './certificate-watch.ts'
import { createCommandHandler } from './command-handler.ts'
import { serveControl } from './control-server.ts'
import { refuseUnfitMachine } from './doctor.ts'
import { type ManagementPort, ManagementSocket } from './management-port.ts'

/** How a gateway is run in this process. */
export interface GatewayProcessOptions {
  /** The data directory. */
  readonly directory: string
  readonly start: StartOptions
  readonly log: Logger
  /** Of the program, for `status`. */
  readonly version: string
}

/** A gateway that runs in this process, with its control socket. */
export interface GatewayProcess {
  readonly gateway: Gateway
  /** For the management plane. */
  readonly managed: ManagedGateway
  /** The data directory, with its store. */
  readonly installation: Installation
  /** Signs the certificates of the gateway, of clients, and of the API. */
  readonly authority: Issuer
  /** What it was started with. `resource` tells whether there was a gateway. */
  readonly prepared: Prepared
  /** For Prometheus, of all that happens in this process. */
  readonly metrics: Pick<GatewayMetrics, 'text' | 'contentType'>
  /** Of packets inside and outside, into files of the data directory. */
  readonly capture: PacketCapture
  /** Networks behind the gateway, as text. */
  readonly inside: readonly string[]
  /** What is listened on, as text. */
  readonly listening: readonly { readonly transport: Listener['transport']; readonly endpoint: string }[]
  /** Paths of the profiles of the user that the quick start makes, while they are there and of use. */
  readonly firstProfiles: readonly string[]
  /** Lets the management API answer the operator's commands that are for it. Returns what ends it. */
  attach(port: ManagementPort): () => void
  /** Ends the sessions, closes everything, and lets go of the data directory. */
  stop(): Promise<void>
}

/** What the packet engine takes. */
const WORKER_LIMIT = 16

/** The user that the quick start makes. */
const FIRST_CLIENT = 'user1'

/**
 * Runs the gateway of a data directory; when this resolves all listeners are open. What was opened
 * is closed again when a later step fails.
 *
 * Errors: `CommandError`, `StoreError`, and those of `startGateway`.
 */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const closers: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close; close = closers.pop()) await close()
  }
  try {
    // Before anything is made: a start that cannot succeed leaves nothing behind.
    refuseUnfitMachine()
    const installation = await openInstallation(options.directory)
    closers.push(() => installation.data.close())
    const prepared = await prepareGateway(installation, options.start, networkInterfaces())
    for (const line of unusedOptions(prepared, options.start)) options.log.warn(line)
    await addFirstClient(installation, prepared)
    const metrics = createGatewayMetrics()
    const gateway = await startNative(prepared, options.log, metrics.observer)
    closers.push(() => gateway.stop())
    const served = await serve({ ...options, installation, prepared, gateway }, closers)
    return { installation, prepared, authority: prepared.authority, metrics, gateway, ...served, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A gateway that runs, and what it was started with. */
interface Started extends GatewayProcessOptions {
  readonly installation: Installation
  readonly prepared: Prepared
  readonly gateway: Gateway
}

type Served = Pick<
  GatewayProcess,
  'managed' | 'capture' | 'inside' | 'listening' | 'firstProfiles' | 'attach'
>

/** Opens it to the operator and to the management plane. What is opened is closed by `closers`. */
async function serve(started: Started, closers: (() => Promise<void>)[]): Promise<Served> {
  const { installation, prepared, gateway, version, log } = started
  const present = new PresentGateway({ installation, prepared, gateway })
  const changes = new OperatorChanges(log)
  const managed = createManagedGateway({ present, gateway, changes, log })
  const capture = captureOf(started, managed)
  closers.push(() => capture.close())
  const handler = createCommandHandler({ present, changes, version })
  const management = new ManagementSocket()
  const control = await serveControl(installation.data.path, handler, management)
  closers.push(() => control.close())
  const unwatch = watchCertificate(handler, log, installation.unixSeconds)
  closers.push(async () => unwatch())
  return {
    managed,
    capture,
    inside: prepared.configuration.insidePrefixes.map(formatIpPrefix),
    listening: gateway
      .listeners()
      .map(({ transport, local }) => ({ transport, endpoint: formatListenerAddress(transport, local) })),
    firstProfiles: prepared.configuration.tunnels.size > 0 ? await presentFirstProfiles(installation) : [],
    attach: port => management.attach(port),
  }
}

function captureOf({ installation, gateway, log }: Started, managed: ManagedGateway): PacketCapture {
  return createPacketCapture({
    directory: join(installation.data.path, 'captures'),
    points: () => managed.present() && { tun: DEFAULT_TUN_NAME, listeners: gateway.listeners() },
    log,
    unixSeconds: installation.unixSeconds,
  })
}

function startNative(
  { configuration, identity }: Prepared,
  log: Logger,
  observer: GatewayObserver,
): Promise<Gateway> {
  const workers = Math.min(availableParallelism(), WORKER_LIMIT)
  return startGateway({
    configuration,
    identity,
    createDatapath: onEvents => createNativeDatapath({ workers, onEvents }),
    host: linuxHost(),
    log,
    observer,
  })
}

/** A directory without any client gets one, when its gateway trusts what we issue and can be reached. */
async function addFirstClient(installation: Installation, prepared: Prepared): Promise<void> {
  if (!prepared.resource) return
  const { authority, configuration, settings } = prepared
  const own = Buffer.from(authority.certificate)
  const isTrusted = configuration.certificateAuthentication.roots.some(root => own.equals(root))
  const isReachable = (settings.hostNames ?? []).length > 0
  if (isTrusted && isReachable && (await listClients(installation)).length === 0)
    await addClient(installation, prepared, { name: FIRST_CLIENT })
}

async function presentFirstProfiles(installation: Installation): Promise<string[]> {
  const record = await readClient(installation, FIRST_CLIENT)
  if (!record?.certificates.some(({ revokedAt }) => revokedAt === undefined)) return []
  const folder = join(installation.data.path, 'clients', FIRST_CLIENT, 'OpenVPN')
  try {
    const names = await readdir(folder)
    return names.filter(name => name.endsWith('.ovpn')).map(name => join(folder, name))
  } catch {
    // Taken away by its owner: then there is nothing to tell.
    return []
  }
}
