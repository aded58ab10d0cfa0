import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import { type LogLine, type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

export interface OpenVpnClientOptions {
  readonly namespace: Namespace
  /** The .ovpn profile's text. */
  readonly profile: string
  readonly device?: string
  /** Command-line options that override the profile's, each with its leading dashes. */
  readonly args?: readonly string[]
  readonly title?: string
}

/** What the server gave a client. */
export interface Lease {
  readonly address: string
  readonly address6: string | undefined
  readonly cipher: string | undefined
  /** The whole PUSH_REPLY. */
  readonly reply: string
}

const UP = /Initialization Sequence Completed/
/** Comes before or after the line above. */
const DATA_CHANNEL = /Data Channel: cipher '([^']+)'/
const PUSHED = /PUSH: Received control message: '(PUSH_REPLY,[^']*)'/

let count = 0

/** Debian's own `openvpn` as a client. */
export class OpenVpnClient {
  readonly process: RunningProcess
  readonly namespace: Namespace
  readonly device: string

  constructor(options: OpenVpnClientOptions) {
    this.namespace = options.namespace
    this.device = options.device ?? `tun${count}`
    const directory = scratchDirectory('o')
    const path = join(directory, 'client.ovpn')
    // Azure's profile logs to a file; the harness reads the log from the pipe.
    writeFileSync(path, options.profile.replace(/^log .*$/m, ''), { mode: 0o600 })
    const args = [
      '--config',
      path,
      '--dev',
      this.device,
      '--dev-type',
      'tun',
      '--verb',
      '3',
      '--suppress-timestamps',
    ]
    const title = options.title ?? `openvpn client ${count}`
    count += 1
    this.process = start('openvpn', [...args, ...(options.args ?? [])], {
      title,
      namespace: options.namespace,
      cwd: directory,
    })
  }

  /** Waits until the tunnel is up; `from` is a mark in the log. */
  async connected(timeoutMs = 20_000, from = 0): Promise<Lease> {
    await this.process.waitFor(UP, timeoutMs, from)
    await this.process.waitFor(DATA_CHANNEL, timeoutMs, from)
    return this.lease(from)
  }

  lease(from = 0): Lease {
    const reply = PUSHED.exec(this.process.log(from))?.[1] ?? ''
    return {
      address: /,ifconfig ([\d.]+)/.exec(reply)?.[1] ?? '',
      address6: /,ifconfig-ipv6 ([\da-f:]+)/.exec(reply)?.[1],
      cipher: DATA_CHANNEL.exec(this.process.log(from))?.[1],
      reply,
    }
  }

  /** The TLS version and suite of the last handshake, as OpenVPN prints them. */
  controlChannel(): string {
    return (
      this.process
        .log()
        .match(/Control Channel: .*/g)
        ?.at(-1) ?? ''
    )
  }

  waitFor(pattern: RegExp, timeoutMs?: number, from?: number): Promise<LogLine> {
    return this.process.waitFor(pattern, timeoutMs, from)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process.stop(signal)
  }
}
