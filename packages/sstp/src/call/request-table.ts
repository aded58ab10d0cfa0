/** Where a request of the engine came from. */
export interface RequestOrigin<Call> {
  readonly call: Call
  /** The link's own id of it. */
  readonly linkId: number
}

/** Requests of one call that wait at a time; of more, the oldest is taken for answered. A link asks one at a time. */
const MOST_OF_A_CALL = 4

/** Each link counts its requests for itself; the engine's ids are one sequence over all calls. */
export class RequestTable<Call> {
  readonly #origins = new Map<number, RequestOrigin<Call>>()
  readonly #ofCall = new Map<Call, number[]>()
  #nextId = 1

  get size(): number {
    return this.#origins.size
  }

  /** An id for a link's request. */
  add(call: Call, linkId: number): number {
    const id = this.#nextId++
    const ids = this.#ofCall.get(call) ?? []
    if (ids.length >= MOST_OF_A_CALL) this.#origins.delete(ids.shift() as number)
    ids.push(id)
    this.#ofCall.set(call, ids)
    this.#origins.set(id, { call, linkId })
    return id
  }

  /** Where the request came from, once. */
  take(id: number): RequestOrigin<Call> | undefined {
    const origin = this.#origins.get(id)
    if (!origin) return undefined
    this.#origins.delete(id)
    const left = (this.#ofCall.get(origin.call) ?? []).filter(other => other !== id)
    if (left.length > 0) this.#ofCall.set(origin.call, left)
    else this.#ofCall.delete(origin.call)
    return origin
  }

  /** Drops what a call has asked. */
  forget(call: Call): void {
    for (const id of this.#ofCall.get(call) ?? []) this.#origins.delete(id)
    this.#ofCall.delete(call)
  }
}
