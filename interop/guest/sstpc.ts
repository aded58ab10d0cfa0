import { appendFileSync, cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from '../harness/certificates.ts'
import { formatLocal, formatPeer, type PppdLease, readLease } from '../harness/pppd.ts'
import type { Guest } from './guest.ts'

/** What an SSTP client needs to know of its gateway. */
export interface SstpcOptions {
  readonly credential: Credential
  /** The root of the gateway's certificate. */
  readonly authority: string
  /** Another root to trust in EAP-TLS than in TLS. */
  readonly eapAuthority?: string
  readonly gateway: string
  /** The common name of the gateway's certificate, which the guest then knows as a host's name. */
  readonly serverName: string
  /** Clients side by side have a device each. */
  readonly device?: string
  /** Further options of `pppd`, of `sstpc`. */
  readonly peerLines?: readonly string[]
  readonly args?: readonly string[]
}

/** How `sstpc` ended; `log` is its own. */
export interface SstpcEnd {
  readonly code: number
  readonly log: string
}

const HOME = '/tmp/sstpc'
const DELAY = '3ms'

/** What leaves the guest is a little late from now on. */
export async function delayLine(guest: Guest): Promise<void> {
  await guest.runOk(`modprobe sch_netem && tc qdisc add dev eth0 root netem delay ${DELAY}`)
}

/** Debian's `sstpc`, which runs Debian's `pppd`, in the guest. */
export class GuestSstpc {
  readonly guest: Guest
  readonly device: string
  readonly #directory: string
  readonly #pppLog: string

  private constructor(guest: Guest, device: string) {
    this.guest = guest
    this.device = device
    this.#directory = `${HOME}/${device}`
    this.#pppLog = `${this.#directory}/ppp`
  }

  /**
   * Starts it; it connects by itself. Where the gateway is no more than microseconds away, `sstpc` may wait forever
   * for an answer that it has been given: {@link delayLine} keeps the two apart.
   */
  static async start(guest: Guest, options: SstpcOptions): Promise<GuestSstpc> {
    const { gateway, serverName, device = 'ppp0' } = options
    const client = new GuestSstpc(guest, device)
    const authority = guest.put(`${device}-root.pem`, readFileSync(options.authority, 'utf8'))
    const peer = guest.put(`${device}.peer`, client.#peer(options))
    const beginnings = [
      `install -m 600 ${peer} /etc/ppp/peers/${device}`,
      `grep -q ' ${serverName}$' /etc/hosts || echo '${gateway} ${serverName}' >>/etc/hosts`,
      'mkdir -p /run/sstpc',
    ]
    const args = [
      'sstpc --log-level 4 --log-stderr --tls-ext',
      `--ca-cert ${authority}`,
      `--ipparam ${device}`, // names the socket on which pppd's plugin tells of its keys
      ...(options.args ?? []),
      serverName,
      `call ${device}`,
    ]
    return client.#run(args.join(' '), beginnings)
  }

  /** Starts what a profile brings, with no more changed in it than where `pppd` logs and what its device is called. */
  static async startWithProfile(guest: Guest, profile: string): Promise<GuestSstpc> {
    const client = new GuestSstpc(guest, 'ppp0')
    const directory = join(guest.directory, 'sstpc')
    rmSync(directory, { recursive: true, force: true })
    cpSync(profile, directory, { recursive: true })
    appendFileSync(join(directory, 'options'), formatLocal(client.device, client.#pppLog))
    return client.#run('/job/sstpc/connect')
  }

  /** There is no udev: /dev/ppp appears only with its module. */
  async #run(command: string, beginnings: readonly string[] = []): Promise<this> {
    const line = `setsid sh -c 'echo $$ >pid; exec ${command}' >log 2>&1; echo $? >status.tmp; mv status.tmp status`
    const ready = [
      'modprobe -a ppp_generic ppp_async',
      ...beginnings,
      `rm -rf ${this.#directory} && mkdir -p ${this.#directory} && cd ${this.#directory}`,
    ]
    await this.guest.runOk(
      `{ ${ready.join('; } && { ')}; } || exit 1\n{ ${line}; } </dev/null >/dev/null 2>&1 &`,
    )
    return this
  }

  /** Waits until IPCP is open. Errors: it ended before, or too late; with both logs. */
  async connected(timeoutMs = 20_000): Promise<PppdLease> {
    const isUp = 'grep -q "ip-up finished" ppp || { [ -e status ] && exit 1; }'
    return readLease(await this.#until(isUp, { complaint: 'not connected', timeoutMs, after: 'cat ppp' }))
  }

  /** Waits until it and its `pppd` have ended, by themselves or because they were told. Errors: they have not. */
  async ended(timeoutMs = 10_000): Promise<SstpcEnd> {
    const text = await this.#gone({ timeoutMs, after: 'cat status log' })
    const [code = '', ...lines] = withoutZeros(text).split('\n')
    return { code: Number(code), log: lines.join('\n') }
  }

  /** The log of `sstpc`. */
  async log(): Promise<string> {
    return withoutZeros(await this.guest.runOk(`cat ${this.#directory}/log`))
  }

  /** The log of `pppd`; empty where that has not run. */
  async pppLog(): Promise<string> {
    return (await this.guest.run(`cat ${this.#pppLog}`)).stdout
  }

  /** Ends the PPP link, as a user does: LCP says so to the other end, and `sstpc` then closes TLS. */
  async hangUp(): Promise<void> {
    await this.#gone({ before: `kill $(head -1 /run/ppp-${this.device}.pid)` })
  }

  /** `sstpc` closes TLS without a word of SSTP. Nothing is done where it has ended already. */
  async stop(): Promise<void> {
    await this.#gone({ before: '[ -e status ] || kill $(cat pid)' })
  }

  #peer({ credential, authority, eapAuthority = authority, serverName, peerLines }: SstpcOptions): string {
    const put = (name: string, path: string): string =>
      this.guest.put(`${this.device}-${name}`, readFileSync(path, 'utf8'))
    return formatPeer({
      name: credential.commonName,
      remoteName: serverName,
      authority: put('eap-root.pem', eapAuthority),
      certificate: put('certificate.pem', credential.certificatePath),
      key: put('key.pem', credential.keyPath),
      device: this.device,
      log: this.#pppLog,
      ...(peerLines === undefined ? {} : { lines: peerLines }),
    })
  }

  #gone(wait: Partial<Wait>): Promise<string> {
    const isGone = `[ -e status ] && [ ! -e /run/ppp-${this.device}.pid ]`
    return this.#until(isGone, { complaint: 'not ended', timeoutMs: 10_000, ...wait })
  }

  /** Returns what is printed after it. Errors: with both logs. */
  async #until(
    condition: string,
    { complaint, timeoutMs, before = 'true', after = 'true' }: Wait,
  ): Promise<string> {
    const seconds = Math.ceil(timeoutMs / 1000)
    const loop = `timeout ${seconds} sh -c 'until ${condition}; do busybox usleep 100000; done'`
    const line = `cd ${this.#directory} && { ${before}; } && ${loop} && ${after}`
    const done = await this.guest.run(line, timeoutMs + 5_000)
    if (done.code === 0) return done.stdout
    const logs = `--- sstpc\n${await this.log()}\n--- pppd\n${await this.pppLog()}`
    throw new Error(`sstpc ${this.device}: ${complaint} within ${seconds} s\n${done.stderr}${logs}`)
  }
}

/** How something is waited for, with what is done before and after. */
interface Wait {
  readonly complaint: string
  readonly timeoutMs: number
  readonly before?: string
  readonly after?: string
}

/** `sstpc` ends its lines with one. */
function withoutZeros(log: string): string {
  return log.replaceAll('\0', '')
}
