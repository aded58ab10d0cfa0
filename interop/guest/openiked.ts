import { basename } from 'node:path'
import type { Credential } from '../harness/certificates.ts'
import type { Guest } from './guest.ts'

/** What an OpenIKED client needs to know of its gateway. */
export interface OpenIkedOptions {
  /** A certificate with `DNS:<commonName>` among its names: OpenIKED finds it by that. */
  readonly credential: Credential
  /** The root of the gateway's certificate. */
  readonly authority: string
  readonly gateway: string
  /** What the gateway has to call itself. */
  readonly serverName: string
  /** The network to reach. */
  readonly remoteSelector: string
  /** Its proposals. */
  readonly proposals: readonly string[]
  /** After so long it rekeys its Child SA; 0: never. */
  readonly lifetimeSeconds: number
}

const HOME = '/etc/iked'
const LOG = '/tmp/iked.log'
const PID = '/tmp/iked.pid'
const DEVICE = 'iked0'
const REKEYED = 'ikev2_init_create_child_sa: rekeying CHILD SA old'
const WAIT = `until ip -4 addr show ${DEVICE} | grep -q inet; do busybox usleep 50000; done`

/** Debian's OpenIKED in the guest, which connects as soon as it runs. */
export class GuestOpenIked {
  readonly guest: Guest

  private constructor(guest: Guest) {
    this.guest = guest
  }

  static async start(guest: Guest, options: OpenIkedOptions): Promise<GuestOpenIked> {
    const { credential, authority } = options
    const [certificate, key, root] = [credential.certificatePath, credential.keyPath, authority].map(path =>
      guest.copy(path),
    )
    const configuration = guest.put('iked.conf', formatPolicy(options))
    await guest.runOk('modprobe -a af_key esp4 esp6 dummy')
    await guest.runOk(
      `ip link show ${DEVICE} || { ip link add ${DEVICE} type dummy && ip link set ${DEVICE} up; }`,
    )
    await guest.runOk(`mkdir -p ${HOME}/ca ${HOME}/certs ${HOME}/private ${HOME}/pubkeys ${HOME}/crls`)
    await guest.runOk(`install -m 600 ${key} ${HOME}/private/local.key`)
    await guest.runOk(`install -m 644 ${certificate} ${HOME}/certs/${basename(credential.certificatePath)}`)
    await guest.runOk(
      `install -m 644 ${root} ${HOME}/ca/ca.crt && install -m 600 ${configuration} /etc/iked.conf`,
    )
    await guest.runOk(`setsid iked -dvv >${LOG} 2>&1 & echo $! >${PID}`)
    return new GuestOpenIked(guest)
  }

  /** Waits until the gateway has given it an address, and returns that. Errors: with the daemon's log. */
  async connected(timeoutMs = 20_000): Promise<string> {
    const address = `ip -4 -o addr show ${DEVICE} | sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p' | grep .`
    const seconds = Math.ceil(timeoutMs / 1000)
    const done = await this.guest.run(`timeout ${seconds} sh -c '${WAIT}'; ${address}`, timeoutMs + 5_000)
    if (done.code !== 0) throw new Error(`iked: no address after ${seconds} s\n${await this.log()}`)
    return done.stdout.trim()
  }

  /** Waits until it has rekeyed its Child SA so often. Errors: with the daemon's log. */
  async rekeyed(times: number, timeoutMs = 20_000): Promise<void> {
    const seconds = Math.ceil(timeoutMs / 1000)
    const wait = `until [ $(grep -c "${REKEYED}" ${LOG}) -ge ${times} ]; do busybox usleep 100000; done`
    const done = await this.guest.run(`timeout ${seconds} sh -c '${wait}'`, timeoutMs + 5_000)
    if (done.code !== 0) throw new Error(`iked: not rekeyed after ${seconds} s\n${await this.log()}`)
  }

  /** The daemon's log. */
  log(): Promise<string> {
    return this.guest.runOk(`cat ${LOG}`)
  }

  async stop(): Promise<void> {
    await this.guest.runOk(
      `kill $(cat ${PID}); while [ -e /proc/$(cat ${PID}) ]; do busybox usleep 20000; done`,
    )
  }
}

function formatPolicy({
  credential,
  gateway,
  serverName,
  remoteSelector,
  proposals,
  lifetimeSeconds,
}: OpenIkedOptions): string {
  const policy = [
    'ikev2 "gateway" active esp',
    // The address that it is going to be given, by iked.conf(5).
    `from dynamic to ${remoteSelector}`,
    `peer ${gateway}`,
    ...proposals,
    `srcid ${credential.commonName} dstid ${serverName}`,
    `lifetime ${lifetimeSeconds}`,
    'request address any',
    `iface ${DEVICE}`,
  ]
  return `set fragmentation\n${policy.join(' \\\n  ')}\n`
}
