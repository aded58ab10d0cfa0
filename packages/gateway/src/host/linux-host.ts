import { accessSync, constants } from 'node:fs'
import { type InterfaceState, interfaceBatch } from './address-batch.ts'
import { defaultSiteLines, defaultSiteRoutes, isForced, removedLine } from './default-site.ts'
import { type GatewayHost, type GatewayHostState, HostError } from './host.ts'
import {
  type HostRecord,
  hostRecordPath,
  removeRecord,
  takeOverRecord,
  thisProcess,
  writeRecord,
} from './host-record.ts'
import { interfaceName } from './interface-name.ts'
import { type KernelSetting, type KernelSettings, kernelSettings } from './kernel-setting.ts'
import { type MachineNetwork, machineNetwork } from './machine-network.ts'
import { gatewayRuleset, removeRuleset } from './nft-ruleset.ts'
import { siteRoutes } from './site-routes.ts'
import { type SystemCommand, systemCommand } from './system-command.ts'

/** The parts of the machine that tests replace. */
export interface LinuxHostOptions {
  readonly run?: SystemCommand
  readonly settings?: KernelSettings
  readonly network?: MachineNetwork
  readonly recordPath?: string
  /** Errors: `ERR_HOST_PRIVILEGE`, `ERR_HOST_TUN`. */
  readonly checkMachine?: () => void
}

/** A gateway's Linux machine, through `ip -batch`, `nft -f` and /proc/sys. */
export function linuxHost(options: LinuxHostOptions = {}): GatewayHost {
  return new LinuxHost(options)
}

/** Differs from any that is wanted. */
const UNKNOWN_MTU = 0

class LinuxHost implements GatewayHost {
  readonly #run: SystemCommand
  readonly #settings: KernelSettings
  readonly #network: MachineNetwork
  readonly #recordPath: string
  readonly #checkMachine: () => void
  #record: HostRecord = { process: thisProcess(), settings: {} }
  #interface: InterfaceState | undefined
  /** What the record has of a crashed gateway may or may not stand. */
  #isTakenOver = false

  constructor(options: LinuxHostOptions) {
    this.#run = options.run ?? systemCommand
    this.#settings = options.settings ?? kernelSettings
    this.#network = options.network ?? machineNetwork
    this.#recordPath = options.recordPath ?? hostRecordPath()
    this.#checkMachine = options.checkMachine ?? checkMachine
  }

  async prepare(): Promise<void> {
    this.#checkMachine()
    const left = await takeOverRecord(this.#recordPath)
    this.#record = { process: thisProcess(), settings: left?.settings ?? {}, lines: left?.lines ?? [] }
    this.#isTakenOver = left !== undefined
    await writeRecord(this.#recordPath, this.#record)
    await this.#run('nft', ['-f', '-'], removeRuleset())
  }

  async apply(state: GatewayHostState): Promise<readonly string[]> {
    const { sites } = state
    const found = sites ? await siteRoutes(state.tun, sites, this.#network) : { routes: [], notes: [] }
    const routes = [...found.routes, ...(sites ? defaultSiteRoutes(sites) : [])]
    const wanted = { name: state.tun, mtu: state.mtu, addresses: state.addresses, routes }
    // Filters stand before the first packet can pass.
    await this.#run('nft', ['-f', '-'], gatewayRuleset(state))
    await this.#changeInterface(wanted)
    if (sites && isForced(sites, 4)) await this.#loosenReversePath(state.tun)
    await this.#stand(sites ? defaultSiteLines(sites) : [])
    const inner = [...state.addresses, ...(sites?.remotePrefixes ?? []), ...(sites?.insidePrefixes ?? [])]
    const families = new Set(inner.map(({ address }) => address.family))
    if (families.has(4)) await this.#enable('net/ipv4/ip_forward')
    if (families.has(6)) await this.#enable('net/ipv6/conf/all/forwarding')
    return found.notes
  }

  async restore(): Promise<void> {
    await this.#run('nft', ['-f', '-'], removeRuleset())
    await this.#stand([])
    for (const [setting, value] of Object.entries(this.#record.settings)) {
      await this.#settings.write(setting as KernelSetting, value)
    }
    this.#record = { ...this.#record, settings: {} }
    this.#interface = undefined
    await removeRecord(this.#recordPath)
  }

  /**
   * Brings what stands without the TUN device to these lines. Recorded before it stands, and until it is gone: what a
   * crashed gateway has left is known by that.
   */
  async #stand(wanted: readonly string[]): Promise<void> {
    const had = this.#record.lines ?? []
    const removed = this.#isTakenOver ? had : had.filter(line => !wanted.includes(line))
    const added = this.#isTakenOver ? wanted : wanted.filter(line => !had.includes(line))
    this.#isTakenOver = false
    if (added.length + removed.length === 0) return
    await this.#recordLines([...new Set([...had, ...added])])
    await this.#runLines(removed.map(removedLine), true)
    await this.#runLines(added)
    await this.#recordLines(wanted)
  }

  /** What was done in part is undone: routes that stand already could not be added again. */
  async #changeInterface(wanted: InterfaceState): Promise<void> {
    const batch = interfaceBatch(this.#interface, wanted)
    if (batch === '') return
    try {
      await this.#run('ip', ['-batch', '-'], batch)
      this.#interface = wanted
    } catch (error) {
      const { addresses = [], routes = [] } = this.#interface ?? {}
      this.#interface = { name: wanted.name, mtu: UNKNOWN_MTU, addresses, routes: [] }
      const stands = { ...this.#interface, routes: [...routes, ...wanted.routes] }
      await this.#runForced([], interfaceBatch(stands, this.#interface))
      throw error
    }
  }

  /** `ip rule` wants to be told of IPv6. */
  async #runLines(lines: readonly string[], isForced = false): Promise<void> {
    for (const family of ['-4', '-6'] as const) {
      const own = lines.filter(line => line.includes(':') === (family === '-6'))
      const batch = own.map(line => `${line}\n`).join('')
      if (batch === '') continue
      if (isForced) await this.#runForced([family], batch)
      else await this.#run('ip', [family, '-batch', '-'], batch)
    }
  }

  /** Each line by itself: somebody else may have taken away what one of them takes away. */
  async #runForced(options: readonly string[], batch: string): Promise<void> {
    try {
      await this.#run('ip', [...options, '-force', '-batch', '-'], batch)
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== 'ERR_HOST_COMMAND') throw error
    }
  }

  async #recordLines(lines: readonly string[]): Promise<void> {
    this.#record = { ...this.#record, lines }
    await writeRecord(this.#recordPath, this.#record)
  }

  /**
   * Answers from the default site come from addresses that the machine itself reaches by another device. The setting
   * goes with the device.
   */
  async #loosenReversePath(tun: string): Promise<void> {
    const device = `net/ipv4/conf/${interfaceName(tun)}/rp_filter` as const
    const [all, own] = [
      await this.#settings.read('net/ipv4/conf/all/rp_filter'),
      await this.#settings.read(device),
    ]
    if (own !== '2' && (all === '1' || own === '1')) await this.#settings.write(device, '2')
  }

  /** Remembers how it was before it changes anything. */
  async #enable(setting: KernelSetting): Promise<void> {
    const before = await this.#settings.read(setting)
    if (before === '1') return
    const settings = { [setting]: before, ...this.#record.settings }
    this.#record = { ...this.#record, settings }
    await writeRecord(this.#recordPath, this.#record)
    await this.#settings.write(setting, '1')
  }
}

function checkMachine(): void {
  if (process.geteuid?.() !== 0) {
    throw new HostError('ERR_HOST_PRIVILEGE', 'the gateway needs root: start it as root, or with sudo')
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch (cause) {
    const hint = 'load the module (modprobe tun), or give the container the device'
    throw new HostError('ERR_HOST_TUN', `/dev/net/tun is missing: ${hint}`, { cause })
  }
}
