import type { Engine, Instant } from '@causeway/engine'
import { utf8Bytes } from '@causeway/wire'
import type { OpenVpnCommand } from '../command.ts'
import { CHALLENGE_RESPONSE_BYTES } from '../limits.ts'
import { OpenVpnError } from '../openvpn-error.ts'
import type { OpenVpnOutput, SessionId } from '../output.ts'
import type { Path } from '../path.ts'
import type { AuthToken } from '../push-options.ts'
import { ControlChannel } from '../session/control-channel.ts'
import { type ConnectCommand, SessionEngine } from '../session/session-engine.ts'
import { EARLY_NEGOTIATION_START } from '../wire/early-negotiation.ts'
import { ClientCredentials } from './client-credentials.ts'
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
  /** What the last session that ended leaves to the next: one session's token is never another's too. */
  #keptToken: AuthToken | undefined

  constructor(options: OpenVpnClientOptions) {
    super(options)
    this.options = options
  }

  get sessionCount(): number {
    return this.index.size
  }

  /** Errors: `OpenVpnError`; then the command did nothing. */
  override handleCommand(command: OpenVpnCommand, now: Instant): void {
    if (command.type === 'answer-challenge') requireAnswer(command.text)
    super.handleCommand(command, now)
  }

  override ended(id: SessionId): void {
    this.#keptToken = this.index.byId(id)?.token ?? this.#keptToken
    super.ended(id)
  }

  protected connect({ path, credentials }: ConnectCommand, now: Instant): void {
    const { wrap } = this.options
    // A first packet id in this range tells the server that the wrapped key can be sent again.
    const lastPacketId = wrap.kind === 'tls-crypt-v2' ? EARLY_NEGOTIATION_START : 0
    const channel = new ControlChannel(this, { ownId: this.crypto.random(8), path, wrap, lastPacketId })
    const session = { host: this, id: this.claimSession(), channel, now }
    this.begin(new ClientSession({ ...session, credentials: this.#credentials(credentials) }), now)
  }

  #credentials(own: ConnectCommand['credentials']): ClientCredentials {
    const token = own ? undefined : this.#keptToken
    this.#keptToken = undefined
    return new ClientCredentials(own ?? this.options.credentials, token)
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

/** Errors: `OpenVpnError`. */
function requireAnswer(text: string): void {
  if (utf8Bytes(text).length <= CHALLENGE_RESPONSE_BYTES) return
  const message = `the answer to a challenge must not be longer than ${CHALLENGE_RESPONSE_BYTES} bytes`
  throw new OpenVpnError('ERR_OPENVPN_CHALLENGE_RESPONSE', message)
}
