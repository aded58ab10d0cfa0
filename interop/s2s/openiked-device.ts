import type { Guest } from '../guest/guest.ts'
import { guestLogged } from '../guest/log.ts'
import type { Site } from '../harness/site-topology.ts'
import { type DeviceOptions, type DeviceProof, type SiteDevice, selectorsOf, UP_LIMIT_MS } from './device.ts'

const HOME = '/etc/iked'
const LOG = '/tmp/iked-site.log'
const PID = '/tmp/iked-site.pid'

/** Further words of a policy, in OpenIKED's own. */
export interface OpenIkedExtras {
  /** It begins as soon as it runs: that is written in its policy. Otherwise it waits. */
  readonly begins: boolean
  readonly proposals: readonly string[]
  /** It rekeys its Child SA after so long; 0: never. */
  readonly lifetimeSeconds?: number
}

/**
 * Debian's OpenIKED in a guest. Its certificate has `DNS:<commonName>` among its names: it finds it by that. It neither
 * sends a chain nor takes one: intermediates have to be where they are needed.
 */
export class OpenIkedDevice implements SiteDevice {
  readonly site: Site
  readonly options: DeviceOptions
  readonly #guest: Guest
  readonly #extras: OpenIkedExtras

  private constructor(guest: Guest, options: DeviceOptions, extras: OpenIkedExtras) {
    this.site = options.site
    this.options = options
    this.#guest = guest
    this.#extras = extras
  }

  static async start(guest: Guest, options: DeviceOptions, extras: OpenIkedExtras): Promise<OpenIkedDevice> {
    const device = new OpenIkedDevice(guest, options, extras)
    await guest.runOk('modprobe -a af_key esp4 esp6')
    await guest.runOk(
      `rm -rf ${HOME} && mkdir -p ${HOME}/ca ${HOME}/certs ${HOME}/private ${HOME}/pubkeys ${HOME}/crls`,
    )
    if (options.proof.type === 'certificate') await install(guest, options.proof)
    else await guest.runOk(`openssl genpkey -algorithm RSA -out ${HOME}/private/local.key`) // it does not run without
    await device.#run()
    return device
  }

  async initiate(): Promise<void> {
    if (!this.#extras.begins) throw new Error('its policy says that it waits')
    await this.up()
  }

  async up(timeoutMs = UP_LIMIT_MS): Promise<void> {
    await guestLogged(this.#guest, { path: LOG, pattern: 'established peer', timeoutMs })
  }

  /** Waits until it has rekeyed its Child SA so often. Errors: with the daemon's log. */
  async rekeyed(count: number, timeoutMs = UP_LIMIT_MS): Promise<void> {
    const pattern = 'ikev2_init_create_child_sa: rekeying CHILD SA old'
    await guestLogged(this.#guest, { path: LOG, pattern, timeoutMs, count })
  }

  async down(): Promise<void> {
    await this.#guest.runOk('ikectl reset sa')
  }

  async restart(): Promise<void> {
    await this.#end('KILL')
    await this.#guest.runOk('ip xfrm state flush; ip xfrm policy flush')
    await this.#run()
  }

  log(): Promise<string> {
    return this.#guest.runOk(`cat ${LOG}`)
  }

  async stop(): Promise<void> {
    await this.#end('TERM')
  }

  async #run(): Promise<void> {
    const path = this.#guest.put('site-iked.conf', formatPolicy(this.options, this.#extras))
    await this.#guest.runOk(`install -m 600 ${path} /etc/iked.conf`)
    await this.#guest.runOk(`setsid iked -dvv >${LOG} 2>&1 & echo $! >${PID}`)
    await guestLogged(this.#guest, { path: LOG, pattern: 'config_getstatic: nattport', timeoutMs: 10_000 })
  }

  async #end(signal: string): Promise<void> {
    await this.#guest.runOk(
      `pkill -${signal} -x iked; timeout 10 sh -c 'while pidof iked >/dev/null; do busybox usleep 20000; done'`,
    )
  }
}

type CertificateProof = Extract<DeviceProof, { readonly type: 'certificate' }>

async function install(guest: Guest, proof: CertificateProof): Promise<void> {
  const put = async (from: string, mode: string, to: string): Promise<void> => {
    await guest.runOk(`install -m ${mode} ${guest.copyAs(from, 'installed')} ${HOME}/${to}`)
  }
  await put(proof.credential.keyPath, '600', 'private/local.key')
  await put(proof.credential.certificatePath, '644', 'certs/site.crt')
  for (const [at, path] of proof.trusts.entries()) await put(path, '644', `ca/trusted${at}.crt`)
  for (const [at, path] of (proof.intermediates ?? []).entries())
    await put(path, '644', `ca/between${at}.crt`)
}

function formatPolicy(options: DeviceOptions, extras: OpenIkedExtras): string {
  const { site, gateway, proof } = options
  const [pair] = selectorsOf(options)
  const own = proof.type === 'psk' ? site.publicAddress : proof.credential.commonName
  const peer =
    proof.type === 'psk' ? proof.gatewayIdentity : `"/${proof.gatewayIdentity.replaceAll(', ', '/')}"`
  const policy = [
    `ikev2 "gateway" ${extras.begins ? 'active' : 'passive'} esp`,
    `from ${pair?.local[0] ?? ''} to ${pair?.remote[0] ?? ''}`,
    `local ${site.address} peer ${gateway}`,
    ...extras.proposals,
    `srcid ${proof.identity ?? own} dstid ${peer}`,
    `lifetime ${extras.lifetimeSeconds ?? 0}`,
    ...(proof.type === 'psk' ? [`psk "${proof.secret}"`] : []),
  ]
  return `set fragmentation\n${policy.join(' \\\n  ')}\n`
}
