import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  KERNEL_ESP_PLUGINS,
  type StrongswanConfiguration,
  writeConfiguration,
} from '../harness/strongswan.ts'
import { type IkeSa, readSas } from '../harness/strongswan-sas.ts'
import type { Guest } from './guest.ts'
import { guestLogged } from './log.ts'

const HOME = '/tmp/strongswan'
const SOCKET = `${HOME}.vici`
const LOG = `${HOME}.log`
const ENVIRONMENT = `SWANCTL_DIR=${HOME} STRONGSWAN_CONF=${HOME}/strongswan.conf`

/** Debian's strongSwan with the kernel's own ESP, in the guest. */
export class GuestStrongswan {
  readonly guest: Guest

  private constructor(guest: Guest) {
    this.guest = guest
  }

  static async start(guest: Guest, configuration: StrongswanConfiguration): Promise<GuestStrongswan> {
    const directory = freshDirectory(guest)
    writeConfiguration(directory, { ...configuration, socket: SOCKET, plugins: KERNEL_ESP_PLUGINS })
    return GuestStrongswan.#run(guest)
  }

  /** Starts it on a directory that a profile brings: what its user would put into /etc/swanctl. */
  static async startWithProfile(guest: Guest, profile: string): Promise<GuestStrongswan> {
    const directory = freshDirectory(guest)
    // Debian's own swanctl.conf has this line too.
    const swanctl = { include: 'conf.d/*.conf' }
    writeConfiguration(directory, { swanctl, socket: SOCKET, plugins: KERNEL_ESP_PLUGINS })
    cpSync(profile, directory, { recursive: true })
    return GuestStrongswan.#run(guest)
  }

  static async #run(guest: Guest): Promise<GuestStrongswan> {
    await guest.runOk(`rm -rf ${HOME} ${SOCKET} && cp -r /job/strongswan ${HOME}`)
    await guest.runOk(`${ENVIRONMENT} setsid charon-systemd >${LOG} 2>&1 & echo $! >${HOME}.pid`)
    await guest.runOk(`timeout 10 sh -c 'until [ -S ${SOCKET} ]; do busybox usleep 20000; done'`)
    const daemon = new GuestStrongswan(guest)
    await daemon.#control('--load-all --noprompt')
    return daemon
  }

  /** Errors: it did not come about; the message holds what was said. */
  initiate(child: string): Promise<string> {
    return this.#control(`--initiate --child ${child} --timeout 20`)
  }

  async rekeyChild(child: string): Promise<void> {
    await this.#control(`--rekey --child ${child}`)
  }

  async rekeyIke(ike: string): Promise<void> {
    await this.#control(`--rekey --ike ${ike}`)
  }

  async terminate(ike: string): Promise<void> {
    await this.#control(`--terminate --ike ${ike}`)
  }

  async sas(): Promise<IkeSa[]> {
    return readSas(await this.#control('--list-sas --pretty'))
  }

  log(): Promise<string> {
    return this.guest.runOk(`cat ${LOG}`)
  }

  /** Waits until the log has a line like this (of `grep`). Errors: with the log. */
  async logged(pattern: string, timeoutMs: number): Promise<void> {
    await guestLogged(this.guest, { path: LOG, pattern, timeoutMs })
  }

  /** It is gone without a word; its SAs, which are the kernel's, are taken away too. */
  async kill(): Promise<void> {
    await this.#end('KILL')
    await this.guest.runOk('ip xfrm state flush; ip xfrm policy flush')
  }

  async stop(): Promise<void> {
    await this.#end('TERM')
  }

  async #end(signal: string): Promise<void> {
    await this.guest.runOk(
      `kill -${signal} $(cat ${HOME}.pid); while [ -e /proc/$(cat ${HOME}.pid) ]; do busybox usleep 20000; done`,
    )
  }

  #control(args: string): Promise<string> {
    return this.guest.runOk(`${ENVIRONMENT} swanctl ${args} --uri unix://${SOCKET}`)
  }
}

/** Where the guest sees it as /job/strongswan. */
function freshDirectory(guest: Guest): string {
  const directory = join(guest.directory, 'strongswan')
  rmSync(directory, { recursive: true, force: true })
  return directory
}
