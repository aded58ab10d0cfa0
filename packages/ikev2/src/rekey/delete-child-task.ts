import type { Instant } from '@causeway/engine'
import type { ChildSa } from '../child/children.ts'
import { type Closing, closeChild, handOver } from '../child/close-child.ts'
import { deletePayload } from '../child/delete-child.ts'
import type { Task } from '../exchange/task.ts'
import { REPLACED_MS } from '../limits.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

/** Which Child SAs go, asked when the request is made: tasks before it may have rekeyed or deleted some. */
export type Doomed = (sa: IkeSa) => readonly ChildSa[]

/**
 * Deletes Child SAs (RFC 7296 §1.4.1) in one exchange. They go when the peer has answered; until then they still
 * receive. What the peer has deleted meanwhile, or we have asked for already, is left out.
 */
export function createDeleteChildTask(sa: IkeSa, doomed: Doomed, closing: Closing): Task {
  return new DeleteChildTask(sa, doomed, closing)
}

class DeleteChildTask implements Task {
  readonly name = 'delete Child SA'
  readonly exchange: number = EXCHANGE.INFORMATIONAL
  readonly changes = 'child'
  readonly #sa: IkeSa
  readonly #doomed: Doomed
  readonly #closing: Closing
  #asked: readonly ChildSa[] = []

  constructor(sa: IkeSa, doomed: Doomed, closing: Closing) {
    this.#sa = sa
    this.#doomed = doomed
    this.#closing = closing
  }

  request(): readonly Payload[] | undefined {
    const { all } = this.#sa.children
    const asked = this.#doomed(this.#sa).filter(
      child => child.state !== 'deleting' && all.get(child.receiveSpi) === child,
    )
    if (asked.length === 0) return undefined
    for (const child of asked) {
      child.state = 'deleting'
      child.rekeyAt = undefined
      child.expireAt = undefined
    }
    for (const child of asked) handOver(this.#sa, child)
    this.#asked = asked
    return [deletePayload(asked.map(({ receiveSpi }) => receiveSpi))]
  }

  response(): 'done' {
    for (const child of sendingLast(this.#asked)) closeChild(this.#sa, child, this.#closing)
    this.#asked = []
    return 'done'
  }

  /** Too many tasks wait, or the IKE SA was rekeyed under way: where the session goes on, they are deleted later. */
  abandon(now: Instant): void {
    for (const child of this.#asked.length > 0 ? this.#asked : this.#doomed(this.#sa)) {
      child.state = 'rekeyed'
      child.rekeyAt = now + REPLACED_MS
    }
    this.#asked = []
  }

  moveTo(successor: IkeSa): Task {
    return new DeleteChildTask(successor, this.#doomed, this.#closing)
  }
}

/** Those that do not send first, or the flow would be handed from one to the next. */
export function sendingLast(children: readonly ChildSa[]): readonly ChildSa[] {
  return [...children].sort((a, b) => Number(a.sending) - Number(b.sending))
}
