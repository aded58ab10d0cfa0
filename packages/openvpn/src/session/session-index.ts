import { formatEndpoint, sameBytes } from '@causeway/wire'
import type { SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { ControlChannel } from './control-channel.ts'

/** What an index needs of a session. */
export interface IndexedSession {
  readonly id: SessionId
  readonly channel: ControlChannel
  readonly path: Path
}

/** A path as a map key. */
export function pathKey(path: Path): string {
  return path.type === 'stream' ? `stream ${path.stream}` : `${path.port} ${formatEndpoint(path.remote)}`
}

/** The sessions of an engine: by id, by path, by TLS connection and by open request. */
export class SessionIndex<Session extends IndexedSession> {
  readonly #byId = new Map<SessionId, Session>()
  readonly #byPath = new Map<string, Session[]>()
  readonly #byTls = new Map<TlsId, SessionId>()
  readonly #byRequest = new Map<number, SessionId>()
  #lastTls = 0
  #lastRequest = 0

  get size(): number {
    return this.#byId.size
  }

  /** TLS connections that sessions hold. */
  get tlsCount(): number {
    return this.#byTls.size
  }

  add(session: Session): void {
    this.#byId.set(session.id, session)
    this.#link(session, session.path)
  }

  remove(session: Session): void {
    this.#byId.delete(session.id)
    this.#unlink(session, session.path)
  }

  /** The session goes by another path now. */
  move(session: Session, from: Path): void {
    this.#unlink(session, from)
    this.#link(session, session.path)
  }

  byId(id: SessionId): Session | undefined {
    return this.#byId.get(id)
  }

  /** Sessions of a path: rarely more than one. */
  at(path: Path): readonly Session[] {
    return this.#byPath.get(pathKey(path)) ?? []
  }

  atStream(stream: number): readonly Session[] {
    return this.#byPath.get(`stream ${stream}`) ?? []
  }

  /** The session of a path whose peer has this session id. */
  find(path: Path, remoteId: Uint8Array): Session | undefined {
    return this.at(path).find(({ channel }) => channel.remoteId && sameBytes(channel.remoteId, remoteId))
  }

  /** A fresh TLS id of this session, which need not be added yet. */
  claimTls(id: SessionId): TlsId {
    this.#byTls.set(++this.#lastTls, id)
    return this.#lastTls
  }

  byTls(tls: TlsId): Session | undefined {
    const id = this.#byTls.get(tls)
    return id === undefined ? undefined : this.#byId.get(id)
  }

  /** Whether the TLS id was held. */
  releaseTls(tls: TlsId): boolean {
    return this.#byTls.delete(tls)
  }

  claimRequest(id: SessionId): number {
    this.#byRequest.set(++this.#lastRequest, id)
    return this.#lastRequest
  }

  /** The session that asked; the request stays open. */
  byRequest(request: number): Session | undefined {
    const id = this.#byRequest.get(request)
    return id === undefined ? undefined : this.#byId.get(id)
  }

  /** The session that asked; the request is open no more. */
  takeRequest(request: number): Session | undefined {
    const session = this.byRequest(request)
    this.#byRequest.delete(request)
    return session
  }

  #link(session: Session, path: Path): void {
    const key = pathKey(path)
    this.#byPath.set(key, [...(this.#byPath.get(key) ?? []), session])
  }

  #unlink(session: Session, path: Path): void {
    const key = pathKey(path)
    const left = (this.#byPath.get(key) ?? []).filter(other => other !== session)
    if (left.length > 0) this.#byPath.set(key, left)
    else this.#byPath.delete(key)
  }
}
