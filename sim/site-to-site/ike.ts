import type { Reason } from '@causeway/site-to-site'
import type { End } from './end.ts'
import type { World } from './world.ts'

/** What an end has of an IKE SA. */
export interface Half {
  readonly end: End
  readonly session: number
  readonly terms: number
  readonly material: string | undefined
  /** The configuration that it was made by. */
  readonly configuration: string
  state: 'dialling' | 'up' | 'gone'
  isProven: boolean
}

/** An IKE SA as the world sees it. */
export interface Sa {
  readonly tunnel: string
  readonly order: string
  readonly initiator: Half
  responder: Half | undefined
  /** The way that it goes by is no more. */
  isBroken: boolean
}

const TRY_MS = 2_000
const DIAL_MS = 15_000
/** Azure's DPD (facts §5.2). */
const DPD_MS = 45_000

/** A small model of IKE: exchanges with repetition, proof of both ends, DELETE, and dead peer detection. */
export class Ike {
  readonly #world: World
  readonly #bySession = new Map<string, Sa>()

  constructor(world: World) {
    this.#world = world
  }

  sa(end: End, session: number): Sa | undefined {
    return this.#bySession.get(`${end.name}${session}`)
  }

  /** SAs that this end has up. */
  upAt(end: End): readonly Sa[] {
    return this.#all().filter(sa => half(sa, end)?.state === 'up')
  }

  /** Whether a session or dial of this end shows the version. */
  uses(end: End, version: string): boolean {
    const own = this.#all().map(sa => half(sa, end))
    return own.some(mine => mine?.material === version && mine.state !== 'gone')
  }

  dial(
    end: End,
    dial: { tunnel: string; session: number; terms: number; material: string | undefined; to: string },
  ): void {
    const { tunnel, session, terms, material } = dial
    const { configuration } = end
    const initiator: Half = {
      end,
      session,
      terms,
      material,
      configuration,
      state: 'dialling',
      isProven: false,
    }
    const order = this.#world.random
      .integer(2 ** 32)
      .toString(16)
      .padStart(8, '0')
    const sa: Sa = { tunnel, order, initiator, responder: undefined, isBroken: false }
    this.#bySession.set(`${end.name}${session}`, sa)
    const proof = end.proof(material)
    const isThere = (): boolean => dial.to === this.#world.other(end).address
    this.#repeat(
      DIAL_MS,
      () => initiator.state === 'dialling',
      () => isThere() && this.#pass(),
      () => this.#arrive(sa, proof),
      () => this.#refuse(initiator, 'the peer does not answer', false),
    )
  }

  /** What an engine no longer wants. */
  disconnect(end: End, session: number, reason: Reason): void {
    const sa = this.sa(end, session)
    const own = sa && half(sa, end)
    if (!sa || !own || own.state === 'gone') return
    const wasUp = own.state === 'up'
    own.state = 'gone'
    end.requireGoodEnd(reason)
    // Before it is up there is no key to say so with.
    if (wasUp) this.#sendDelete(sa, end)
    else this.#watch(sa)
  }

  /** A process that is gone says nothing. */
  forget(end: End): void {
    for (const sa of this.#all()) {
      const own = half(sa, end)
      if (!own || own.state === 'gone') continue
      own.state = 'gone'
      this.#watch(sa)
    }
  }

  /** Whatever is up may have lost its way. */
  watchAll(): void {
    for (const sa of this.#all()) this.#watch(sa)
  }

  breakAll(): void {
    for (const sa of this.#all()) sa.isBroken = true
    this.watchAll()
  }

  renewChildren(end: End, session: number): void {
    const sa = this.sa(end, session)
    if (!sa) return
    this.#world.after(200, () => this.#bothUp(sa) && this.#pass() && this.childAll(sa, true))
  }

  /** A Child SA of both ends comes or goes. */
  childAll(sa: Sa, isUp: boolean): void {
    for (const own of halves(sa))
      if (own.state === 'up') own.end.command({ type: 'child', session: own.session, child: 1, isUp })
  }

  /** Somebody else, who proves nothing, and an IKE that says so late. */
  impostor(end: End): void {
    const tunnel = end.tunnel()
    const session = end.newSession()
    const answer = end.ask(session, tunnel)
    if (answer.type !== 'accept') return
    const { terms, material } = answer
    const order = this.#world.pick(['00000000', 'ffffffff'])
    const event = {
      type: 'established',
      tunnel,
      initiator: 'peer',
      isProven: false,
      terms,
      material,
      order,
    } as const
    end.command({ type: 'session', session, event })
    end.command({ type: 'child', session, child: 1, isUp: true })
  }

  #arrive(sa: Sa, proof: string | undefined): void {
    const { initiator, tunnel } = sa
    const end = this.#world.other(initiator.end)
    const session = end.newSession()
    const answer = end.ask(session, tunnel)
    const refusal = answer.type === 'refuse' ? answer.reason.message : this.#judge(end, initiator.end, proof)
    if (answer.type === 'refuse' || refusal !== undefined) {
      this.#answerRefusal(initiator, refusal ?? '')
      return
    }
    const { terms, material } = answer
    const { configuration } = end
    const responder: Half = { end, session, terms, material, configuration, state: 'up', isProven: true }
    sa.responder = responder
    this.#bySession.set(`${end.name}${session}`, sa)
    const ownProof = end.proof(material)
    this.#establish(sa, responder, 'peer')
    this.#repeat(
      DIAL_MS - TRY_MS,
      () => initiator.state === 'dialling',
      () => this.#pass(),
      () => this.#answered(sa, ownProof),
      () => undefined,
    )
    this.#watch(sa)
  }

  /** The responder's refusal of what it is shown. */
  #judge(end: End, from: End, proof: string | undefined): string | undefined {
    if (end.policy() !== from.policy()) return 'NO_PROPOSAL_CHOSEN'
    return end.trusts(proof) ? undefined : 'AUTHENTICATION_FAILED'
  }

  #answered(sa: Sa, proof: string | undefined): void {
    const { initiator } = sa
    if (!initiator.end.trusts(proof)) {
      this.#refuse(initiator, 'the peer has not proven who it is', false)
      this.#sendDelete(sa, initiator.end)
      return
    }
    initiator.state = 'up'
    initiator.isProven = true
    this.#establish(sa, initiator, 'us')
  }

  #establish(sa: Sa, own: Half, initiator: 'us' | 'peer'): void {
    const { session, terms, material } = own
    const { tunnel, order } = sa
    const event = { type: 'established', tunnel, initiator, isProven: true, terms, material, order } as const
    own.end.command({ type: 'session', session, event })
    if (own.state === 'up') own.end.command({ type: 'child', session, child: 1, isUp: true })
  }

  #answerRefusal(initiator: Half, reason: string): void {
    if (!this.#pass()) return
    this.#world.after(this.#delay(), () => this.#refuse(initiator, reason, true))
  }

  #refuse(own: Half, reason: string, byPeer: boolean): void {
    if (own.state !== 'dialling') return
    own.state = 'gone'
    own.end.command({ type: 'session', session: own.session, event: { type: 'refused', reason, byPeer } })
  }

  #sendDelete(sa: Sa, from: End): void {
    const far = halves(sa).find(({ end }) => end !== from)
    this.#watch(sa)
    if (!far) return
    this.#repeat(
      10_000,
      () => far.state === 'up',
      () => !sa.isBroken && this.#pass(),
      () => this.#close(far, 'DELETE', true),
      () => undefined,
    )
  }

  #close(own: Half, reason: string, byPeer: boolean): void {
    if (own.state !== 'up') return
    own.state = 'gone'
    own.end.command({ type: 'session', session: own.session, event: { type: 'closed', reason, byPeer } })
  }

  /** Dead peer detection, looked at when it can first have found out. */
  #watch(sa: Sa): void {
    this.#world.after(DPD_MS, () => {
      for (const own of halves(sa))
        if (own.state === 'up' && this.#isDead(sa)) this.#close(own, 'the peer is dead (DPD)', false)
    })
  }

  #isDead(sa: Sa): boolean {
    const { cutSince, now } = this.#world
    return sa.isBroken || !this.#bothUp(sa) || (cutSince !== undefined && cutSince <= now - DPD_MS)
  }

  #bothUp({ initiator, responder }: Sa): boolean {
    return initiator.state === 'up' && responder?.state === 'up'
  }

  /** Tries again and again while it is wanted. */
  #repeat(
    forMs: number,
    isWanted: () => boolean,
    passes: () => boolean,
    arrive: () => void,
    fail: () => void,
  ): void {
    const attempt = (left: number): void => {
      if (!isWanted()) return
      if (left <= 0) fail()
      else if (passes()) this.#world.after(this.#delay(), () => isWanted() && arrive())
      else this.#world.after(TRY_MS, () => attempt(left - TRY_MS))
    }
    attempt(forMs)
  }

  #pass(): boolean {
    return this.#world.cutSince === undefined && !this.#world.random.chance(this.#world.loss)
  }

  #delay(): number {
    return 5 + this.#world.random.integer(300)
  }

  #all(): readonly Sa[] {
    for (const [key, sa] of this.#bySession)
      if (halves(sa).every(({ state }) => state === 'gone')) this.#bySession.delete(key)
    return [...new Set(this.#bySession.values())]
  }
}

export function halves({ initiator, responder }: Sa): readonly Half[] {
  return responder ? [initiator, responder] : [initiator]
}

export function half(sa: Sa, end: End): Half | undefined {
  return halves(sa).find(own => own.end === end)
}
