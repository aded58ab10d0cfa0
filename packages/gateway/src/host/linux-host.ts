import { accessSync, constants } from 'node:fs'
import { type InterfaceState, interfaceBatch } from './address-batch.ts'
import { type GatewayHost, type GatewayHostState, HostError } from './host.ts'
import {
  type HostRecord,
  hostRecordPath,
  removeRecord,
  takeOverRecord,
  thisProcess,
  writeRecord,
} from './host-record.ts'
import { type KernelSetting, type KernelSettings, kernelSettings } from './kernel-setting.ts'
import { gatewayRuleset, removeRuleset } from './nft-ruleset.ts'
import { type SystemCommand, systemCommand } from './system-command.ts'

/** The parts of the machine that tests replace. */
export interface LinuxHostOptions {
  readonly run?: SystemCommand
  readonly settings?: KernelSettings
  readonly recordPath?: string
  /** Errors: `ERR_HOST_PRIVILEGE`, `ERR_HOST_TUN`. */
  readonly checkMachine?: () => void
}

/** A gateway's Linux machine, through `ip -batch`, `nft -f` and /proc/sys. */
export function linuxHost(options: LinuxHostOptions = {}): GatewayHost {
  return new LinuxHost(options)
}

class LinuxHost implements GatewayHost {
  readonly #run: SystemCommand
  readonly #settings: KernelSettings
  readonly #recordPath: string
  readonly #checkMachine: () => void
  #record: HostRecord = { process: thisProcess(), settings: {} }
  #interface: InterfaceState | undefined

  constructor(options: LinuxHostOptions) {
    this.#run = options.run ?? systemCommand
    this.#settings = options.settings ?? kernelSettings
    this.#recordPath = options.recordPath ?? hostRecordPath()
    this.#checkMachine = options.checkMachine ?? checkMachine
  }

  async prepare(): Promise<void> {
    this.#checkMachine()
    const left = await takeOverRecord(this.#recordPath)
    this.#record = { process: thisProcess(), settings: left?.settings ?? {} }
    await writeRecord(this.#recordPath, this.#record)
    await this.#run('nft', ['-f', '-'], removeRuleset())
  }

  async apply(state: GatewayHostState): Promise<void> {
    const wanted = { name: state.tun, mtu: state.mtu, addresses: state.addresses, routes: [] }
    // Filters stand before the first packet can pass.
    await this.#run('nft', ['-f', '-'], gatewayRuleset(state))
    const batch = interfaceBatch(this.#interface, wanted)
    if (batch !== '') await this.#run('ip', ['-batch', '-'], batch)
    this.#interface = wanted
    const families = new Set(state.addresses.map(({ address }) => address.family))
    if (families.has(4)) await this.#enable('net/ipv4/ip_forward')
    if (families.has(6)) await this.#enable('net/ipv6/conf/all/forwarding')
  }

  async restore(): Promise<void> {
    await this.#run('nft', ['-f', '-'], removeRuleset())
    for (const [setting, value] of Object.entries(this.#record.settings)) {
      await this.#settings.write(setting as KernelSetting, value)
    }
    this.#record = { ...this.#record, settings: {} }
    this.#interface = undefined
    await removeRecord(this.#recordPath)
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
