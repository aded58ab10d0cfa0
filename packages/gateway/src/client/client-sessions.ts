import type { Datapath, FlowId } from '@causeway/datapath'
import type { OpenVpnRequest, Path, PushOptions, SessionEvent, SessionId } from '@causeway/openvpn'
import type { IpPrefix } from '@causeway/wire'
import type { DriverRole, EngineDriver } from '../openvpn/engine-driver.ts'
import type { ServerJudge } from './server-judge.ts'

/** What the client's sessions need around them. */
export interface ClientSessionsOptions {
  readonly datapath: Datapath
  readonly judge: ServerJudge
  /** Sets up addresses and routes. When it fails the session ends. */
  readonly configure: (session: SessionId, options: PushOptions) => Promise<void>
  /** What goes into the tunnel of every flow. Several flows cannot share it: then none. */
  readonly routes: readonly IpPrefix[]
  /** The server of a session has answered. */
  readonly onHandshake?: (session: SessionId, path: Path) => void
  /** A session has its data channel. */
  readonly onFlow?: (session: SessionId, flow: FlowId, path: Path) => void
  /** For sessions only; drops of packets that belong to none are left out. */
  readonly onEvent: (session: SessionId, event: SessionEvent) => void
}

/** The client's side of OpenVPN sessions. */
export class ClientSessions implements DriverRole {
  readonly #options: ClientSessionsOptions
  readonly #driver: EngineDriver

  constructor(options: ClientSessionsOptions, driver: EngineDriver) {
    this.#options = options
    this.#driver = driver
  }

  answer(id: number, session: SessionId, request: OpenVpnRequest): void {
    switch (request.type) {
      case 'verify-server': {
        const reason = this.#options.judge(request.peerChain)
        this.#driver.reply(id, reason === undefined ? { type: 'trust' } : { type: 'distrust', reason })
        return
      }
      case 'configure':
        this.#options.configure(session, request.options).then(
          () => this.#driver.reply(id, { type: 'configured' }),
          error => this.#end(session, `the tunnel could not be set up: ${(error as Error).message}`),
        )
        return
      case 'authenticate':
        return
      default:
        request satisfies never
    }
  }

  handleEvent(session: SessionId | undefined, event: SessionEvent): void {
    if (session !== undefined) this.#options.onEvent(session, event)
  }

  flowOpened(session: SessionId, flow: FlowId, path: Path): void {
    const { routes, datapath, onFlow } = this.#options
    onFlow?.(session, flow, path)
    if (routes.length > 0) datapath.changeRoutes(routes.map(prefix => ({ type: 'add', prefix, flow })))
  }

  handshakeBegan(session: SessionId, path: Path): void {
    this.#options.onHandshake?.(session, path)
  }

  flowClosed(): void {}

  moved(): void {}

  #end(session: SessionId, reason: string): void {
    this.#driver.command({ type: 'disconnect', session, manner: 'halt', reason })
  }
}
