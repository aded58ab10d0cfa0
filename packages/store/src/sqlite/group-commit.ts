import type { Database } from './database.ts'

/** What is to be done inside of a transaction. `keep` false: what it did is undone, and `result` says why. */
export type Work<Result> = () => { readonly keep: boolean; readonly result: Result }

/** Work that waits for the next transaction. */
interface Waiting<Result> {
  readonly work: Work<Result>
  readonly stored: (result: Result) => void
  readonly failed: (error: unknown) => void
}

type Done<Result> =
  | { readonly type: 'stored'; readonly result: Result }
  | { readonly type: 'undone'; readonly result: Result }
  | { readonly type: 'failed'; readonly error: unknown }

interface Ended<Result> {
  readonly waiting: Waiting<Result>
  readonly done: Done<Result>
}

/** Ours: so much goes into one transaction, which holds the process up for some ten milliseconds. */
const BATCH = 250

/**
 * Makes whatever waits at the end of a turn of the event loop durable by one transaction, and so by one sync of the
 * disk. Each piece of work is all or nothing by itself, and fails by itself.
 */
export class GroupCommit<Result> {
  readonly #database: Database
  readonly #begin: () => void
  readonly #commit: () => void
  readonly #savepoint: () => void
  readonly #release: () => void
  readonly #rollbackToSavepoint: () => void
  readonly #announce: (result: Result) => void
  #waiting: Waiting<Result>[] = []

  /** `announce` is told of each result that is durable, in order, before whoever asked for it. */
  constructor(database: Database, announce: (result: Result) => void) {
    const statement = (text: string): (() => void) => {
      const prepared = database.prepare(text)
      return () => void prepared.run()
    }
    this.#database = database
    this.#announce = announce
    this.#begin = statement('BEGIN IMMEDIATE')
    this.#commit = statement('COMMIT')
    this.#savepoint = statement('SAVEPOINT work')
    this.#release = statement('RELEASE work')
    this.#rollbackToSavepoint = statement('ROLLBACK TO work')
  }

  /** Errors: SQLite's. */
  run(work: Work<Result>): Promise<Result> {
    return new Promise((stored, failed) => {
      this.#waiting.push({ work, stored, failed })
      if (this.#waiting.length === 1) setImmediate(() => this.#turn())
    })
  }

  /** Does what waits at once. */
  flush(): void {
    while (this.#waiting.length > 0) this.#turn()
  }

  #turn(): void {
    const batch = this.#waiting.slice(0, BATCH)
    this.#waiting = this.#waiting.slice(BATCH)
    if (this.#waiting.length > 0) setImmediate(() => this.#turn())
    for (const { waiting, done } of this.#together(batch)) {
      if (done.type === 'failed') waiting.failed(done.error)
      else waiting.stored(done.result)
    }
  }

  /** One transaction for all; where it fails as a whole, one for each, so that only those fail that have to. */
  #together(batch: readonly Waiting<Result>[]): readonly Ended<Result>[] {
    const ended = this.#transaction(batch)
    if (!ended) return batch.flatMap(waiting => this.#together([waiting]))
    for (const { done } of ended) if (done.type === 'stored') this.#announce(done.result)
    return ended
  }

  /** `undefined`: it failed, and not every piece of work needs to have to do with it. */
  #transaction(batch: readonly Waiting<Result>[]): readonly Ended<Result>[] | undefined {
    if (batch.length === 0) return []
    try {
      this.#begin()
      const ended = batch.map(waiting => ({ waiting, done: this.#apart(waiting.work) }))
      this.#commit()
      return ended
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      return batch.length > 1
        ? undefined
        : batch.map(waiting => ({ waiting, done: { type: 'failed', error } }))
    }
  }

  /** Work between savepoints. An error that ended the whole transaction is thrown. */
  #apart(work: Work<Result>): Done<Result> {
    this.#savepoint()
    try {
      const { keep, result } = work()
      if (!keep) this.#rollbackToSavepoint()
      this.#release()
      return { type: keep ? 'stored' : 'undone', result }
    } catch (error) {
      if (!this.#database.inTransaction) throw error
      this.#rollbackToSavepoint()
      this.#release()
      return { type: 'failed', error }
    }
  }
}
