import type { Site } from '../harness/site-topology.ts'
import { Strongswan } from '../harness/strongswan.ts'
import type { IkeSa } from '../harness/strongswan-sas.ts'
import { type DeviceOptions, type TellingDevice, UP_LIMIT_MS } from './device.ts'
import { CONNECTION, childNames, type StrongswanExtras, siteConfiguration } from './strongswan-connection.ts'

/** strongSwan in a namespace, with ESP in user space, which goes in UDP alone. */
export class StrongswanDevice implements TellingDevice {
  readonly site: Site
  readonly options: DeviceOptions
  #daemon: Strongswan
  readonly #extras: StrongswanExtras
  /** What those before a restart have said. */
  #former = ''

  private constructor(options: DeviceOptions, extras: StrongswanExtras, daemon: Strongswan) {
    this.site = options.site
    this.options = options
    this.#extras = extras
    this.#daemon = daemon
  }

  static async start(options: DeviceOptions, extras: StrongswanExtras = {}): Promise<StrongswanDevice> {
    const userSpace = { ...extras, connection: { encap: 'yes', ...extras.connection } }
    return new StrongswanDevice(options, userSpace, await begin(options, userSpace))
  }

  get daemon(): Strongswan {
    return this.#daemon
  }

  async initiate(): Promise<void> {
    for (const child of childNames(this.options)) await this.#daemon.initiate(child)
  }

  async up(timeoutMs = UP_LIMIT_MS): Promise<void> {
    await this.#daemon.waitFor(/[^d] CHILD_SA inside\d+\{\d+\} established/, timeoutMs)
  }

  async down(): Promise<void> {
    await this.#daemon.terminate(CONNECTION)
  }

  /** Takes another configuration; what is up stays. */
  async change(changes: Partial<DeviceOptions>, extras: StrongswanExtras = {}): Promise<void> {
    await this.#daemon.load(
      siteConfiguration({ ...this.options, ...changes }, { ...this.#extras, ...extras }),
    )
  }

  async restart(): Promise<void> {
    await this.#daemon.stop('SIGKILL')
    this.#former += `${this.#daemon.process.log()}\n`
    this.#daemon = await begin(this.options, this.#extras)
  }

  async sas(): Promise<readonly IkeSa[]> {
    return this.#daemon.sas()
  }

  async log(): Promise<string> {
    return this.#former + this.#daemon.process.log()
  }

  async stop(): Promise<void> {
    await this.#daemon.stop()
  }
}

function begin(options: DeviceOptions, extras: StrongswanExtras): Promise<Strongswan> {
  const { site } = options
  const title = `strongswan of site ${site.index}`
  return Strongswan.start({ ...siteConfiguration(options, extras), namespace: site.device, title })
}
