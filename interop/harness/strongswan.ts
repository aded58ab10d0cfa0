import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Credential } from './certificates.ts'
import type { Namespace } from './namespace.ts'
import { type LogLine, type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'
import { type Finished, run } from './shell.ts'
import { type IkeSa, readSas } from './strongswan-sas.ts'
import { formatSections, type Sections } from './swanctl.ts'

/** What strongSwan knows: its connections and secrets, and the files that these name. */
export interface StrongswanConfiguration {
  /** `swanctl.conf`. */
  readonly swanctl: Sections
  /** Further settings of the daemon (the `charon` section of `strongswan.conf`). */
  readonly daemon?: Sections
  /** Certificates with their keys, to sign in with. */
  readonly credentials?: readonly Credential[]
  /** Certificate files: the roots that are trusted, and what else stands in a chain. */
  readonly authorities?: readonly string[]
  /** A directory that a profile brings: what its user would put into /etc/swanctl. */
  readonly profile?: string
}

export interface StrongswanOptions extends StrongswanConfiguration {
  readonly namespace: Namespace
  readonly title?: string
}

/** The plugins that every strongSwan here has; ESP is the kernel's. */
export const KERNEL_ESP_PLUGINS: readonly string[] = [
  ...'random nonce x509 constraints pubkey pkcs1 pkcs8 pem openssl gmp curve25519 aes gcm'.split(' '),
  ...'sha1 sha2 md5 hmac kdf mgf1 kernel-netlink socket-default vici'.split(' '),
  ...'eap-identity eap-tls eap-mschapv2'.split(' '),
]

/** ESP in user space, over a TUN device of its own: the kernel of the machine may have none. */
const PLUGINS: readonly string[] = ['kernel-libipsec', ...KERNEL_ESP_PLUGINS]

/** How long `swanctl --initiate` waits by itself. */
const INITIATE_LIMIT_MS = 20_000

const DEBIAN_PROGRAMS = { daemon: '/usr/sbin/charon-systemd', control: '/usr/sbin/swanctl' } as const

let count = 0

/** Debian's strongSwan in a namespace, with files, socket and log of its own. */
export class Strongswan {
  readonly process: RunningProcess
  readonly namespace: Namespace
  readonly directory: string
  /** The TUN device of its ESP. */
  readonly device: string = 'ipsec0'

  private constructor(options: StrongswanOptions) {
    this.namespace = options.namespace
    this.directory = scratchDirectory('s')
    // Copies: where AppArmor is on, it confines Debian's own paths to the files under /etc.
    for (const path of Object.values(DEBIAN_PROGRAMS))
      copyFileSync(path, join(this.directory, basename(path)))
    this.#write(options)
    this.process = start(this.#program('daemon'), [], {
      title: options.title ?? `strongswan ${count}`,
      namespace: options.namespace,
      env: this.#environment(),
    })
    count += 1
  }

  /** Starts the daemon and loads its configuration. Errors: with what `swanctl` says is wrong. */
  static async start(options: StrongswanOptions): Promise<Strongswan> {
    const daemon = new Strongswan(options)
    await daemon.process.waitFor(/spawning \d+ worker threads/)
    await daemon.#loaded()
    return daemon
  }

  /** Replaces the configuration; SAs that are up stay. */
  async load(configuration: StrongswanConfiguration): Promise<void> {
    this.#write(configuration)
    await this.#loaded()
  }

  /** Sets up a Child SA with its IKE_SA; what was said is returned. Errors: it did not come about. */
  async initiate(child: string): Promise<string> {
    return this.#controlOk('--initiate', '--child', child, '--timeout', String(INITIATE_LIMIT_MS / 1000))
  }

  /** Tries to set up a Child SA and returns what was said, whether or not it came about. */
  async attempt(child: string): Promise<Finished> {
    return this.control('--initiate', '--child', child, '--timeout', String(INITIATE_LIMIT_MS / 1000))
  }

  async terminate(ike: string): Promise<void> {
    await this.#controlOk('--terminate', '--ike', ike)
  }

  /** Rekeys one Child SA by its configuration's name; strongSwan answers before it is done. */
  async rekeyChild(child: string): Promise<void> {
    await this.#controlOk('--rekey', '--child', child)
  }

  async rekeyIke(ike: string): Promise<void> {
    await this.#controlOk('--rekey', '--ike', ike)
  }

  async sas(): Promise<IkeSa[]> {
    return readSas(await this.#controlOk('--list-sas', '--pretty'))
  }

  /** The only IKE_SA. Errors: there is none or more than one. */
  async sa(): Promise<IkeSa> {
    const [sa, ...others] = await this.sas()
    if (!sa || others.length > 0) {
      throw new Error(
        `${this.process.title}: ${others.length + (sa ? 1 : 0)} IKE_SAs\n${this.process.tail()}`,
      )
    }
    return sa
  }

  control(...args: string[]): Promise<Finished> {
    const limit = { timeoutMs: INITIATE_LIMIT_MS + 10_000, env: this.#environment() }
    return run(this.#program('control'), [...args, '--uri', `unix://${this.directory}/vici`], limit)
  }

  waitFor(pattern: RegExp, timeoutMs?: number, from?: number): Promise<LogLine> {
    return this.process.waitFor(pattern, timeoutMs, from)
  }

  /** SIGTERM sends a DELETE for every SA first. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process.stop(signal)
  }

  async #controlOk(...args: string[]): Promise<string> {
    const done = await this.control(...args)
    if (done.code !== 0) {
      throw new Error(`swanctl ${args.join(' ')} exited ${done.code}\n${done.stderr}${done.stdout}`)
    }
    return done.stdout
  }

  #write(configuration: StrongswanConfiguration): void {
    writeConfiguration(this.directory, {
      ...configuration,
      socket: `${this.directory}/vici`,
      plugins: PLUGINS,
    })
  }

  #loaded(): Promise<string> {
    return this.#controlOk('--load-all', '--noprompt', '--clear')
  }

  #program(name: keyof typeof DEBIAN_PROGRAMS): string {
    return join(this.directory, basename(DEBIAN_PROGRAMS[name]))
  }

  #environment(): Record<string, string> {
    return { SWANCTL_DIR: this.directory, STRONGSWAN_CONF: join(this.directory, 'strongswan.conf') }
  }
}

/** Every directory that `swanctl` looks into; it complains about each that is missing. */
const SWANCTL_DIRECTORIES =
  'x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12'.split(' ')

export interface WrittenConfiguration extends StrongswanConfiguration {
  /** Where the daemon listens for `swanctl`. */
  readonly socket: string
  readonly plugins: readonly string[]
}

/** Writes what `STRONGSWAN_CONF` and `SWANCTL_DIR` name. */
export function writeConfiguration(directory: string, configuration: WrittenConfiguration): void {
  for (const name of SWANCTL_DIRECTORIES) mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(join(directory, 'strongswan.conf'), formatSections(daemonSettings(configuration)))
  writeFileSync(join(directory, 'swanctl.conf'), formatSections(configuration.swanctl), { mode: 0o600 })
  for (const { commonName, certificatePath, keyPath } of configuration.credentials ?? []) {
    copyFileSync(certificatePath, join(directory, 'x509', certificateFile(commonName)))
    copyFileSync(keyPath, join(directory, 'private', `${commonName}.key`))
  }
  for (const [index, path] of (configuration.authorities ?? []).entries()) {
    copyFileSync(path, join(directory, 'x509ca', `${index}.pem`))
  }
  if (configuration.profile !== undefined) cpSync(configuration.profile, directory, { recursive: true })
}

/** How `swanctl.conf` names a credential's certificate. */
export function certificateFile(commonName: string): string {
  return `${commonName}.pem`
}

/** `strongswan.conf`: all it logs goes to the standard error. */
function daemonSettings({ socket, plugins, daemon = {} }: WrittenConfiguration): Sections {
  return {
    'charon-systemd': {
      load: plugins.join(' '),
      filelog: { stderr: { default: '1', flush_line: 'yes' } },
      plugins: { vici: { socket: `unix://${socket}` } },
      ...daemon,
    },
    swanctl: { load: 'pem pkcs1 pkcs8 x509 pubkey openssl random nonce' },
  }
}
