import { type Instant, TimerTable } from '@causeway/engine'
import type { IpAddress } from '@causeway/wire'
import { backOffMs } from './back-off.ts'
import type { SessionId, SessionNews } from './connection-command.ts'
import type { Reason, TunnelStatus } from './connection-output.ts'
import type { ConnectionMode } from './connection-plan.ts'
import type { Credential } from './own-certificate.ts'
import type { DialPlace } from './peer-address.ts'
import type { Session } from './session-choice.ts'
import type { Surroundings } from './surroundings.ts'
import { TunnelSessions } from './tunnel-sessions.ts'

export type TunnelTimer =
  /** Down: dial, or look again whether it can be. */
  | 'dial'
  /** Nothing is heard of a dial: it is given up. */
  | 'dial-answer'
  /** Up: dial a session that replaces the one that is there. */
  | 'renew'
  /** Sessions under a configuration that is gone end. */
  | 'old-terms'
  /** A session that another one has taken the place of ends. */
  | 'settle'
  /** A session has no Child SA: it ends. */
  | 'children'

/** What a tunnel asks of its connection; answers are of this moment. */
export interface TunnelView {
  readonly mode: () => ConnectionMode
  /** Number of the configuration that IKE SAs must have been made by. */
  readonly terms: () => number
  readonly credential: () => Credential
  readonly place: (now: Instant) => DialPlace
}

interface Dial {
  readonly session: SessionId
  readonly material: string | undefined
}

type Established = Extract<SessionNews, { type: 'established' }>

const DIALLING: Reason = { code: 'dialling', message: 'the first session is being made' }
const WAITING: Reason = {
  code: 'waiting-for-peer',
  message: 'the mode is ResponderOnly: the peer has to begin',
}
const UP: Reason = { code: 'up', message: 'a session is up' }
const CHANGED: Reason = { code: 'configuration-changed', message: 'its configuration has changed' }
const NO_CHILD: Reason = { code: 'no-child-sa', message: 'the session has no Child SA' }
const NOT_PROVEN: Reason = { code: 'peer-not-proven', message: 'the peer has not proven who it is' }
const GIVEN_UP: Reason = { code: 'given-up', message: 'the session had been given up' }
const NO_ANSWER: Reason = { code: 'refused', message: 'nothing was heard of the dial' }
const SUPERSEDED: Reason = { code: 'superseded', message: 'another session carries the traffic' }
const SURPLUS: Reason = { code: 'too-many-sessions', message: 'the tunnel has too many sessions' }

/** One tunnel: who is dialled when, which session stays, and why there is none. */
export class Tunnel {
  readonly name: string
  readonly local: IpAddress
  readonly timers: TimerTable<TunnelTimer> = new TimerTable()
  readonly #around: Surroundings
  readonly #view: TunnelView
  readonly #sessions: TunnelSessions
  #dial: Dial | undefined
  #failures = 0
  #renewalFailures = 0
  /** Held up by something of ours, whose answer may come any moment. */
  #isBlocked = false
  /** Nothing has failed yet. */
  #isHopeful = true
  #reason: Reason = DIALLING
  /** What took it down; `#reason` is already why it does not come up again. */
  #downCause: Reason | undefined
  #lastEstablished: number | undefined
  #carrier: SessionId | undefined

  constructor(name: string, local: IpAddress, around: Surroundings, view: TunnelView) {
    this.name = name
    this.local = local
    this.#around = around
    this.#view = view
    this.#sessions = new TunnelSessions(around)
  }

  get hasSession(): boolean {
    return this.#sessions.current !== undefined
  }

  /** Versions of our certificate that its sessions and its dial are made with. */
  versions(): readonly string[] {
    const all = [...this.#sessions.all(), ...(this.#dial ? [this.#dial] : [])]
    return all.flatMap(({ material }) => (material === undefined ? [] : [material]))
  }

  status(): TunnelStatus {
    const isUp = this.#sessions.carrier !== undefined
    return {
      tunnel: this.name,
      status: isUp ? 'Connected' : this.#isHopeful ? 'Connecting' : 'NotConnected',
      reason: isUp ? UP : this.#reason,
      lastEstablishedSeconds: this.#lastEstablished,
    }
  }

  /** What has taken the tunnel down since this was last asked. */
  takeDownCause(): Reason | undefined {
    const cause = this.#downCause
    this.#downCause = undefined
    return cause
  }

  /** Brings dial and timers into line with what is; to be called after everything that happens. */
  attend(now: Instant): void {
    const { current } = this.#sessions
    if (this.#dial && !this.#mayDial()) this.#abandonDial(CHANGED)
    if (current) this.#attendUp(current, now)
    else this.#attendDown(now)
    const close = this.#sessions.nextClose()
    if (close === undefined) this.timers.clear('settle')
    else this.timers.set('settle', close)
    this.#announceCarrier()
  }

  handleNews(id: SessionId, news: SessionNews, now: Instant): void {
    switch (news.type) {
      case 'established':
        this.#establish(id, news, now)
        return
      case 'due':
        this.#sessions.noteDue(id)
        return
      case 'refused':
      case 'closed':
        this.#over(id, { code: news.type, message: said(news) }, now)
        return
      default:
        news satisfies never
    }
  }

  handleChild(id: SessionId, child: number, isUp: boolean): void {
    if (!this.#sessions.has(id)) return
    const wasUp = this.#sessions.carrier !== undefined
    this.#sessions.child(id, child, isUp)
    if (this.#sessions.carrier) return
    if (wasUp) this.#downCause = NO_CHILD
    this.#isHopeful = false
    this.#reason = NO_CHILD
    this.#around.put({ type: 'renew-children', session: id })
  }

  handleTimeout(timer: TunnelTimer, now: Instant): void {
    switch (timer) {
      case 'dial':
        // `attend` dials where no timer holds it back.
        this.#isBlocked = false
        return
      case 'dial-answer':
        this.#abandonDial(GIVEN_UP)
        this.#dialFailed(NO_ANSWER, now)
        return
      case 'renew':
        this.#renew(now)
        return
      case 'old-terms':
        this.#endWhere(session => session.terms !== this.#view.terms(), CHANGED, now)
        return
      case 'settle':
        for (const { id } of this.#sessions.dueToClose(now)) this.#end(id, SUPERSEDED, now)
        return
      case 'children':
        this.#endWhere(
          session => session === this.#sessions.current && session.children.size === 0,
          NO_CHILD,
          now,
        )
        return
      default:
        timer satisfies never
    }
  }

  /** What it may have waited for has come: a certificate, an address. */
  wake(): void {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.timers.clear('dial')
    this.timers.clear('renew')
  }

  /** IKE SAs have to be made anew: the present one first gets the time to be replaced. */
  changeTerms(now: Instant): void {
    this.#abandonDial(CHANGED)
    this.#failures = this.#renewalFailures = 0
    this.timers.clear('dial')
    this.timers.clear('renew')
    const { current } = this.#sessions
    this.#endWhere(session => !this.#mayDial() || session !== current, CHANGED, now)
    if (this.#sessions.current) this.timers.set('old-terms', now + this.#around.limits.oldTermsMs)
  }

  renewChildren(): void {
    const { current } = this.#sessions
    if (current) this.#around.put({ type: 'renew-children', session: current.id })
  }

  /** Ends everything and forgets what has failed; `attend` begins anew. */
  restart(reason: Reason, now: Instant): void {
    this.#abandonDial(reason)
    this.#endWhere(() => true, reason, now)
    this.timers.clearAll()
    this.#failures = this.#renewalFailures = 0
    this.#isBlocked = false
    this.#isHopeful = true
    this.#reason = reason
    this.#downCause ??= reason
  }

  /** Ends everything for good. */
  stop(reason: Reason, now: Instant): void {
    this.restart(reason, now)
    this.#announceCarrier()
  }

  #mayDial(): boolean {
    return this.#view.mode() !== 'ResponderOnly'
  }

  #attendDown(now: Instant): void {
    for (const timer of ['renew', 'old-terms', 'children'] as const) this.timers.clear(timer)
    if (!this.#mayDial()) {
      this.timers.clear('dial')
      if (this.#isHopeful) this.#reason = this.#reason === DIALLING ? WAITING : this.#reason
      this.#isHopeful = false
      return
    }
    if (this.#reason === WAITING) this.#reason = DIALLING
    if (!this.#dial && this.timers.deadline('dial') === undefined) this.#attempt(undefined, now)
  }

  #attendUp(current: Session, now: Instant): void {
    const { childMs, renewAfterMs } = this.#around.limits
    this.timers.clear('dial')
    if (current.children.size > 0) this.timers.clear('children')
    else if (this.timers.deadline('children') === undefined) this.timers.set('children', now + childMs)
    // An older session may have to stand in again: its time runs on until it is gone.
    if (this.#sessions.all().every(({ terms }) => terms === this.#view.terms()))
      this.timers.clear('old-terms')
    if (!this.#needsRenewal(current)) this.timers.clear('renew')
    else if (!this.#dial && this.timers.deadline('renew') === undefined)
      this.timers.set('renew', Math.max(now, current.since + renewAfterMs))
  }

  #needsRenewal(current: Session): boolean {
    if (!this.#mayDial()) return false
    const credential = this.#view.credential()
    if (credential.type === 'unusable') return false
    return current.isDue || current.terms !== this.#view.terms() || current.material !== credential.material
  }

  #renew(now: Instant): void {
    const { current } = this.#sessions
    if (!current || this.#dial || !this.#needsRenewal(current)) return
    const isPresent = current.terms === this.#view.terms()
    const why = !isPresent ? 'the new configuration' : current.isDue ? 'its end' : 'the new certificate'
    this.#around.log('info', 'renewing', `tunnel ${this.name}: a new session is made for ${why}`)
    this.#attempt(current.id, now)
  }

  #attempt(replaces: SessionId | undefined, now: Instant): void {
    const timer = replaces === undefined ? 'dial' : 'renew'
    const credential = this.#view.credential()
    if (credential.type === 'unusable') {
      this.#block(timer, credential.reason, now)
      return
    }
    const allowedAt = this.#around.pace.nextAt(this.name, now)
    if (allowedAt > now) {
      this.timers.set(timer, allowedAt)
      return
    }
    const place = this.#view.place(now)
    if (!place) this.#block(timer, undefined, now)
    else if ('code' in place) this.#dialFailed(place, now)
    else this.#begin(place, credential.material, replaces, now)
  }

  #begin(
    remote: IpAddress,
    material: string | undefined,
    replaces: SessionId | undefined,
    now: Instant,
  ): void {
    const session = this.#around.nextSession()
    this.#dial = { session, material }
    this.#around.pace.note(this.name, now)
    this.timers.set('dial-answer', now + this.#around.limits.dialMs)
    const more = replaces === undefined ? {} : { replaces }
    const terms = this.#view.terms()
    this.#around.put({ type: 'dial', tunnel: this.name, session, remote, terms, material, ...more })
  }

  #block(timer: 'dial' | 'renew', reason: Reason | undefined, now: Instant): void {
    this.#isBlocked = true
    this.timers.set(timer, now + this.#around.limits.lookAgainMs)
    if (!reason || timer === 'renew') return
    if (reason.code !== 'certificate-pending') this.#isHopeful = false
    this.#reason = reason
  }

  #dialFailed(reason: Reason, now: Instant): void {
    const { limits, random } = this.#around
    this.#dial = undefined
    this.timers.clear('dial-answer')
    if (this.#sessions.current) {
      const { firstRenewalBackOffMs: firstMs, longestRenewalBackOffMs: longestMs } = limits
      this.#around.log('warning', 'renewal-failed', `tunnel ${this.name}: ${reason.message}`)
      this.timers.set('renew', now + backOffMs({ firstMs, longestMs }, ++this.#renewalFailures, random))
      return
    }
    const { firstBackOffMs: firstMs, longestBackOffMs: longestMs } = limits
    this.#isHopeful = false
    this.#reason = reason
    this.timers.set('dial', now + backOffMs({ firstMs, longestMs }, ++this.#failures, random))
  }

  #abandonDial(reason: Reason): void {
    if (!this.#dial) return
    this.#around.put({ type: 'disconnect', session: this.#dial.session, reason })
    this.#dial = undefined
    this.timers.clear('dial-answer')
  }

  #establish(id: SessionId, news: Established, now: Instant): void {
    if (this.#sessions.has(id)) return
    const isOurs = this.#dial?.session === id
    const wrong = this.#faultOf(news, isOurs)
    if (wrong) {
      this.#around.put({ type: 'disconnect', session: id, reason: wrong })
      if (wrong === NOT_PROVEN) this.#around.log('error', wrong.code, `tunnel ${this.name}: ${wrong.message}`)
      if (isOurs) this.#dialFailed(wrong, now)
      return
    }
    if (isOurs) {
      this.#dial = undefined
      this.timers.clear('dial-answer')
    }
    this.#take(id, news, now)
  }

  #faultOf({ initiator, isProven, terms }: Established, isOurs: boolean): Reason | undefined {
    if (initiator === 'us' && !isOurs) return GIVEN_UP
    if (!isProven) return NOT_PROVEN
    return terms === this.#view.terms() ? undefined : CHANGED
  }

  #take(id: SessionId, { initiator, terms, material, order }: Established, now: Instant): void {
    const children = new Set<number>()
    const session = {
      id,
      initiator,
      terms,
      material,
      order,
      since: now,
      children,
      closesAt: undefined,
      isDue: false,
    }
    this.#sessions.add(session, this.#view.terms(), now)
    this.#renewalFailures = 0
    this.#isBlocked = false
    this.#lastEstablished = this.#around.unixSeconds()
    this.timers.clear('children')
    for (const { id: surplus } of this.#sessions.surplus()) this.#end(surplus, SURPLUS, now)
  }

  /** IKE's own word that a dial or a session is over. */
  #over(id: SessionId, reason: Reason, now: Instant): void {
    if (this.#dial?.session === id) this.#dialFailed(reason, now)
    else this.#lose(id, reason, now)
  }

  #end(id: SessionId, reason: Reason, now: Instant): void {
    this.#around.put({ type: 'disconnect', session: id, reason })
    this.#lose(id, reason, now)
  }

  #endWhere(isMeant: (session: Session) => boolean, reason: Reason, now: Instant): void {
    for (const session of this.#sessions.all().filter(isMeant)) this.#end(session.id, reason, now)
  }

  #lose(id: SessionId, reason: Reason, now: Instant): void {
    const hadCarrier = this.#sessions.carrier !== undefined
    const session = this.#sessions.remove(id)
    if (!session) return
    if (hadCarrier && !this.#sessions.carrier) this.#reason = this.#downCause = reason
    if (this.#sessions.current) return
    const { limits, random } = this.#around
    this.#isHopeful = false
    this.#reason = reason
    this.#failures = now - session.since >= limits.stableMs ? 0 : this.#failures + 1
    const { firstBackOffMs: firstMs, longestBackOffMs: longestMs, redialMs } = limits
    const wait =
      this.#failures === 0
        ? Math.ceil(redialMs * random())
        : backOffMs({ firstMs, longestMs }, this.#failures, random)
    this.timers.set('dial', now + wait)
  }

  #announceCarrier(): void {
    const carrier = this.#sessions.carrier?.id
    if (carrier === this.#carrier) return
    this.#carrier = carrier
    this.#around.put({ type: 'carry', tunnel: this.name, session: carrier })
  }
}

function said({ reason, byPeer }: { readonly reason: string; readonly byPeer: boolean }): string {
  return byPeer ? `the peer ended it: ${reason}` : reason
}
