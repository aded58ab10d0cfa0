import { type Instant, TimerTable } from '@causeway/engine'
import { backOffMs } from './back-off.ts'
import type { ConnectionReply, RequestId } from './connection-command.ts'
import { EXPIRY_DAYS, type ExpiryDays, type Reason } from './connection-output.ts'
import { type Material, type MaterialRefusal, withdraws } from './material.ts'
import type { Surroundings } from './surroundings.ts'

export type CertificateTimer =
  /** Ask the vault: the poll, or another try. */
  | 'fetch'
  /** The vault's answer is no longer waited for. */
  | 'answer'
  /** Look at the wall clock: warn of the end, or say that it is reached. */
  | 'clock'

/** What new sessions may show of us. */
export type Credential =
  /** A version of the certificate; `undefined`: the shared key. */
  | { readonly type: 'usable'; readonly material: string | undefined }
  | { readonly type: 'unusable'; readonly reason: Reason }

const DAY_SECONDS = 86_400
/** A poll comes up to this share early. */
const POLL_JITTER = 0.1

/** Our certificate in the vault: asked for, watched for a new version, warned of before its end. */
export class OwnCertificate {
  readonly timers: TimerTable<CertificateTimer> = new TimerTable()
  readonly #around: Surroundings
  #id: string | undefined
  #held: Material | undefined
  #refusal: MaterialRefusal | undefined
  /** The refusal that took the right away; stands until the vault gives a certificate again. */
  #withdrawal: MaterialRefusal | undefined
  #failures = 0
  #asked: RequestId | undefined
  #askedAt: Instant = Number.NEGATIVE_INFINITY
  /** Told of a change while the question was under way: its answer may be of before. */
  #asksAgain = false
  /** What was warned of, of the version that was here last. */
  #warned: { readonly version: string; readonly days: Set<ExpiryDays> } = { version: '', days: new Set() }
  #saidExpired = false

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** `undefined`: the connection has none. What was held for another id is let go. */
  configure(id: string | undefined, now: Instant): void {
    if (id === this.#id) return
    this.#id = id
    this.#held = this.#refusal = this.#withdrawal = this.#asked = undefined
    this.#failures = 0
    this.#asksAgain = false
    this.timers.clearAll()
    if (id !== undefined) this.#ask(now)
  }

  /** Look for a new version now. */
  hint(now: Instant): void {
    if (this.#id === undefined) return
    if (this.#asked === undefined) this.#ask(now)
    else this.#asksAgain = true
  }

  /** Version that new sessions use, if any. */
  get version(): string | undefined {
    return this.#held?.version
  }

  credential(): Credential {
    const held = this.#held
    const refusal = this.#refusal
    const decisive = this.#withdrawal ?? (held ? undefined : refusal)
    if (decisive) return unusable('certificate-refused', decisive.message)
    if (!held) return unusable('certificate-pending', 'the key vault is asked for the outbound certificate')
    if (!this.#isExpired(held)) return { type: 'usable', material: held.version }
    const newer = refusal ? ` No newer one: ${refusal.message}` : ''
    return unusable('certificate-expired', `${expiredText(held)}${newer}`)
  }

  /** Whether the reply was waited for. */
  handleReply(id: RequestId, reply: ConnectionReply, now: Instant): boolean {
    if (id !== this.#asked) return false
    if (reply.type === 'material') this.#take(reply.material, now)
    else if (reply.type === 'material-refused') this.#refuse(reply.refusal, now)
    else return false
    return true
  }

  handleTimeout(timer: CertificateTimer, now: Instant): void {
    switch (timer) {
      case 'fetch':
        if (this.#asked === undefined) this.#ask(now)
        return
      case 'answer':
        this.#refuse(NO_ANSWER, now)
        return
      case 'clock':
        this.#watchClock(now)
        return
      default:
        timer satisfies never
    }
  }

  /** Asks, or sets the timer for the moment at which it may be asked. */
  #ask(now: Instant): void {
    const { fetchSpacingMs, fetchMs } = this.#around.limits
    const at = this.#askedAt + fetchSpacingMs
    if (at > now || this.#id === undefined) {
      this.timers.set('fetch', at)
      return
    }
    this.#askedAt = now
    this.#asked = this.#around.request({ type: 'fetch-certificate', certificateId: this.#id }, fetchMs)
    this.timers.clear('fetch')
    this.timers.set('answer', now + fetchMs)
  }

  #take(material: Material, now: Instant): void {
    if (this.#isExpired(material) && this.#held && !this.#isExpired(this.#held)) {
      this.#refuse({ reason: 'unfit', message: expiredText(material), isTemporary: false }, now)
      return
    }
    const { pollMs } = this.#around.limits
    if (this.#held?.version !== material.version) this.#change(material)
    else if (this.#refusal) this.#log('info', `the key vault gives ${material.version} again`)
    this.#held = material
    this.#refusal = this.#withdrawal = undefined
    this.#failures = 0
    this.#answered(Math.ceil(pollMs * (1 - POLL_JITTER * this.#around.random())), now)
    this.#watchClock(now)
  }

  #change(material: Material): void {
    const { version, fingerprint } = material
    if (version !== this.#warned.version) this.#warned = { version, days: new Set() }
    this.#saidExpired = false
    this.#log('info', `version ${version} of the outbound certificate is here, fingerprint ${fingerprint}`)
  }

  #refuse(refusal: MaterialRefusal, now: Instant): void {
    const { firstFetchBackOffMs: firstMs, longestFetchBackOffMs: longestMs, pollMs } = this.#around.limits
    if (this.#refusal?.message !== refusal.message) this.#sayRefused(refusal)
    this.#refusal = refusal
    if (withdraws(refusal)) this.#withdrawal = refusal
    this.#failures++
    const wait = backOffMs({ firstMs, longestMs }, this.#failures, this.#around.random)
    this.#answered(Math.min(wait, pollMs), now)
  }

  #sayRefused(refusal: MaterialRefusal): void {
    const goesOn = this.#held && !this.#withdrawal && !withdraws(refusal)
    const then = goesOn ? ' The version that is here goes on being used.' : ' What is up stays up.'
    this.#around.log(goesOn ? 'warning' : 'error', 'certificate-refused', `${refusal.message}${then}`)
  }

  #answered(nextMs: number, now: Instant): void {
    this.#asked = undefined
    this.timers.clear('answer')
    this.timers.set('fetch', now + nextMs)
    if (this.#asksAgain) this.#ask(now)
    this.#asksAgain = false
  }

  /** Warns once of each number of days, of the least alone when several are reached at once. */
  #watchClock(now: Instant): void {
    const held = this.#held
    if (!held) return
    this.timers.set('clock', now + this.#around.limits.clockMs)
    const isExpired = this.#isExpired(held)
    if (isExpired && !this.#saidExpired)
      this.#around.log('error', 'certificate-expired', `${expiredText(held)} What is up stays up.`)
    this.#saidExpired = isExpired
    if (isExpired) return
    const left = (held.notAfterSeconds - this.#around.unixSeconds()) / DAY_SECONDS
    const reached = EXPIRY_DAYS.filter(days => left <= days)
    const days = reached[0]
    if (days !== undefined && !this.#warned.days.has(days)) this.#warn(days, held)
    for (const more of reached) this.#warned.days.add(more)
  }

  #warn(days: ExpiryDays, { version, notAfterSeconds }: Material): void {
    this.#around.put({ type: 'expiry-warning', days, version, notAfterSeconds })
    const span = days === 1 ? 'a day' : `${days} days`
    const message = `version ${version} of the outbound certificate ends in less than ${span}: put a new one in its vault`
    this.#around.log('warning', 'certificate-expiring', message)
  }

  #isExpired({ notAfterSeconds }: Material): boolean {
    return this.#around.unixSeconds() >= notAfterSeconds
  }

  #log(level: 'info', message: string): void {
    this.#around.log(level, 'certificate-received', message)
  }
}

const NO_ANSWER: MaterialRefusal = {
  reason: 'unreachable',
  message: 'The key vault did not answer.',
  isTemporary: true,
}

function unusable(code: Reason['code'], message: string): Credential {
  return { type: 'unusable', reason: { code, message } }
}

function expiredText({ version }: Material): string {
  return `Version ${version} of the outbound certificate has expired: put a new one in its vault.`
}
