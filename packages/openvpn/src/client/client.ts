import type { Engine, Instant } from '@causeway/engine'
import type { OpenVpnCommand } from '../command.ts'
import type { OpenVpnOutput } from '../output.ts'
import type { Path } from '../path.ts'
import { ControlChannel } from '../session/control-channel.ts'
import { SessionEngine } from '../session/session-engine.ts'
import { EARLY_NEGOTIATION_START } from '../wire/early-negotiation.ts'
import type { ClientHost } from './client-host.ts'
import type { OpenVpnClientOptions } from './client-options.ts'
import { ClientSession } from './client-session.ts'

/** The client role: one session for each `connect`, which a `configure` request announces. */
export interface OpenVpnClient extends Engine<Path, OpenVpnCommand, OpenVpnOutput> {
  /** Sessions that have not ended. */
  readonly sessionCount: number
}

/** Makes a client engine. */
export function createOpenVpnClient(options: OpenVpnClientOptions): OpenVpnClient {
  return new Client(options)
}

class Client extends SessionEngine<ClientSession> implements OpenVpnClient, ClientHost {
  readonly options: OpenVpnClientOptions

  constructor(options: OpenVpnClientOptions) {
    super(options)
    this.options = options
  }

  get sessionCount(): number {
    return this.index.size
  }

  protected connect(path: Path, now: Instant): void {
    const { wrap } = this.options
    // A first packet id in this range tells the server that the wrapped key can be sent again.
    const lastPacketId = wrap.kind === 'tls-crypt-v2' ? EARLY_NEGOTIATION_START : 0
    const channel = new ControlChannel(this, { ownId: this.crypto.random(8), path, wrap, lastPacketId })
    this.begin(new ClientSession(this, this.claimSession(), channel, now), now)
  }

  /** The session with the peer of this id; else the one that waits to learn its peer's id. */
  protected recipient(path: Path, remoteId: Uint8Array): ClientSession | undefined {
    const waiting = () => this.index.at(path).find(({ channel }) => !channel.remoteId)
    return this.index.find(path, remoteId) ?? waiting()
  }

  protected meet(_path: Path, _bytes: Uint8Array, now: Instant): void {
    this.drop(undefined, 'control packet: no session', now)
  }
}
