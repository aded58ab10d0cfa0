import type { ChildId, Ikev2Command, SessionId } from '@causeway/ikev2'
import { formatTrafficSelector } from '@causeway/wire'
import type { SelectorPair } from './site-configuration.ts'

/** What the Child SAs of one session need around them. */
export interface SiteChildrenOptions {
  readonly session: SessionId
  readonly command: (command: Ikev2Command) => void
  /** A number that no other Child SA has been asked for by. */
  readonly nextTag: () => number
  /** A line for the operator. */
  readonly warn: (message: string) => void
}

/** Ours: a peer that is busy (TEMPORARY_FAILURE) is asked again so often, after so long each time. */
const TRIES = 10
const RETRY_MILLISECONDS = 5_000

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
    this.ask(pairs)
  }

  established(child: ChildId, tag: number | undefined): void {
    this.#present.add(child)
    if (tag === undefined || !this.#asked.delete(tag)) return
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
