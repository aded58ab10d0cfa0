import type { ChildId, Ikev2Command, SessionId } from '@causeway/ikev2'
import { formatTrafficSelector } from '@causeway/wire'
import type { SelectorPair } from './site-configuration.ts'

/** What the Child SAs of one session need around them. */
export interface SiteChildrenOptions {
  readonly session: SessionId
  readonly command: (command: Ikev2Command) => void
  /** A number that no other Child SA has been asked for by. */
  readonly nextTag: () => number
  /** Where both ends have made them anew at once, ours go: the other end's are as good. */
  readonly yields: boolean
  /** A line for the operator. */
  readonly warn: (message: string) => void
}

/** Ours: a peer that is busy (TEMPORARY_FAILURE) is asked again so often, after so long each time. */
const TRIES = 10
const RETRY_MILLISECONDS = 5_000
/** Ours: when both ends have decided on what they have asked for, busy peers included. */
const SURPLUS_MILLISECONDS = 60_000

interface Wanted {
  readonly pair: SelectorPair
  tries: number
}

/** The Child SAs of one session: those that we ask for, and those that take the place of others. */
export class SiteChildren {
  readonly #options: SiteChildrenOptions
  readonly #present = new Set<ChildId>()
  readonly #asked = new Map<number, Wanted>()
  readonly #retries = new Set<NodeJS.Timeout>()
  /** Those that go when what was asked for is there. */
  #former: readonly ChildId[] = []
  #isRenewed = false
  /** Since all were made anew, for a while: what they carry, and whether we have begun them. */
  readonly #fresh = new Map<ChildId, { readonly carries: string; readonly isOwn: boolean }>()
  #surplus: NodeJS.Timeout | undefined

  constructor(options: SiteChildrenOptions) {
    this.#options = options
  }

  has(child: ChildId): boolean {
    return this.#present.has(child)
  }

  /** Asks for a Child SA for each of these. */
  ask(pairs: readonly SelectorPair[]): void {
    for (const pair of pairs) this.#ask({ pair, tries: 0 })
  }

  /** Makes all of them anew; those that are there go once one of the new ones stands and no other is waited for. */
  renew(pairs: readonly SelectorPair[]): void {
    this.stop()
    this.#former = [...this.#present]
    this.#isRenewed = false
    this.#fresh.clear()
    if (this.#options.yields) this.#surplus = setTimeout(() => this.#yield(), SURPLUS_MILLISECONDS)
    this.ask(pairs)
  }

  /** @param pair what it carries, as agreed. */
  established(child: ChildId, tag: number | undefined, pair: SelectorPair): void {
    this.#present.add(child)
    const isOwn = tag !== undefined && this.#asked.delete(tag)
    if (this.#surplus) this.#fresh.set(child, { carries: pairText(pair), isOwn })
    if (!isOwn) return
    this.#isRenewed = true
    this.#settle()
  }

  refused(tag: number | undefined, reason: string, isTemporary: boolean): void {
    const wanted = tag === undefined ? undefined : this.#asked.get(tag)
    if (tag !== undefined) this.#asked.delete(tag)
    if (wanted && isTemporary && ++wanted.tries < TRIES) this.#askLater(wanted)
    else {
      const what = wanted ? ` for ${pairText(wanted.pair)}` : ''
      this.#options.warn(`a Child SA${what} was refused: ${reason}; what else there is goes on`)
      this.#settle()
    }
  }

  closed(child: ChildId): void {
    this.#present.delete(child)
  }

  /** Nothing that was asked for is waited for any more. */
  stop(): void {
    for (const timer of this.#retries) clearTimeout(timer)
    this.#retries.clear()
    clearTimeout(this.#surplus)
    this.#surplus = undefined
    this.#asked.clear()
    this.#former = []
  }

  #ask(wanted: Wanted): void {
    const { session, command, nextTag } = this.#options
    const tag = nextTag()
    this.#asked.set(tag, wanted)
    const { local, remote } = wanted.pair
    command({ type: 'create-child', session, tag, local, remote })
  }

  #askLater(wanted: Wanted): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer)
      this.#ask(wanted)
    }, RETRY_MILLISECONDS)
    this.#retries.add(timer)
  }

  /** Crossing renewals leave two that carry the same. */
  #yield(): void {
    this.#surplus = undefined
    const { session, command } = this.#options
    const fresh = [...this.#fresh].filter(([child]) => this.#present.has(child))
    const theirs = new Set(fresh.flatMap(([, { carries, isOwn }]) => (isOwn ? [] : carries)))
    this.#fresh.clear()
    for (const [child, { carries, isOwn }] of fresh)
      if (isOwn && theirs.has(carries)) command({ type: 'delete-child', session, child })
  }

  #settle(): void {
    if (!this.#isRenewed || this.#asked.size > 0 || this.#retries.size > 0) return
    const { session, command } = this.#options
    for (const child of this.#former)
      if (this.#present.has(child)) command({ type: 'delete-child', session, child })
    this.#former = []
  }
}

function pairText({ local, remote }: SelectorPair): string {
  return [local, remote].map(list => list.map(formatTrafficSelector).join(' ')).join(' === ')
}
