import type { Guest } from '../guest/guest.ts'
import { GuestStrongswan } from '../guest/strongswan.ts'
import type { Site } from '../harness/site-topology.ts'
import type { IkeSa } from '../harness/strongswan-sas.ts'
import { type DeviceOptions, type TellingDevice, UP_LIMIT_MS } from './device.ts'
import { CONNECTION, childNames, type StrongswanExtras, siteConfiguration } from './strongswan-connection.ts'

/** strongSwan with the kernel's own ESP, in a guest. */
export class GuestStrongswanDevice implements TellingDevice {
  readonly site: Site
  readonly options: DeviceOptions
  readonly #guest: Guest
  readonly #extras: StrongswanExtras
  #daemon: GuestStrongswan

  private constructor(
    guest: Guest,
    options: DeviceOptions,
    extras: StrongswanExtras,
    daemon: GuestStrongswan,
  ) {
    this.site = options.site
    this.options = options
    this.#guest = guest
    this.#extras = extras
    this.#daemon = daemon
  }

  static async start(
    guest: Guest,
    options: DeviceOptions,
    extras: StrongswanExtras = {},
  ): Promise<GuestStrongswanDevice> {
    const daemon = await GuestStrongswan.start(guest, siteConfiguration(options, extras))
    return new GuestStrongswanDevice(guest, options, extras, daemon)
  }

  async initiate(): Promise<void> {
    for (const child of childNames(this.options)) await this.#daemon.initiate(child)
  }

  async up(timeoutMs = UP_LIMIT_MS): Promise<void> {
    await this.#daemon.logged('CHILD_SA inside[0-9]*{[0-9]*} established', timeoutMs)
  }

  async down(): Promise<void> {
    await this.#daemon.terminate(CONNECTION)
  }

  async restart(): Promise<void> {
    await this.#daemon.kill()
    this.#daemon = await GuestStrongswan.start(this.#guest, siteConfiguration(this.options, this.#extras))
  }

  async sas(): Promise<readonly IkeSa[]> {
    return this.#daemon.sas()
  }

  log(): Promise<string> {
    return this.#daemon.log()
  }

  async stop(): Promise<void> {
    await this.#daemon.stop()
  }
}
