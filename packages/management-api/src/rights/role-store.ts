import {
  type AccessDecision,
  type AccessIndex,
  type AccessQuestion,
  BUILT_IN_ROLES,
  createAccessIndex,
  normalizeScope,
  type RoleAssignment,
  type RoleDefinition,
} from '@causeway/access'
import type { Change, DocumentChange, DocumentStore } from '@causeway/store'

const DEFINITIONS = 'role-definitions'
const ASSIGNMENTS = 'role-assignments'

/** A stored role or assignment, with the version by which it is compared and set. */
interface Versioned<Value> {
  readonly value: Value
  readonly version: number
}

/**
 * Role definitions and assignments as documents, all of them at hand: a decision reads nothing, and what was stored
 * holds from the next decision on.
 */
export class RoleStore {
  readonly #store: DocumentStore
  readonly #definitions = new Map<string, Versioned<RoleDefinition>>()
  readonly #assignments = new Map<string, Versioned<RoleAssignment>>()
  #index: AccessIndex | undefined
  readonly #stops: readonly (() => void)[]

  private constructor(store: DocumentStore) {
    this.#store = store
    this.#stops = [
      store.watch(DEFINITIONS, change => this.#follow(this.#definitions, change)),
      store.watch(ASSIGNMENTS, change => this.#follow(this.#assignments, change)),
    ]
  }

  /** Reads what is stored, and follows it from now on. Errors: the store's. */
  static async open(store: DocumentStore): Promise<RoleStore> {
    const roles = new RoleStore(store)
    // Watched before it is read: what changes meanwhile is newer than what was read.
    for (const { key, value, version } of await store.list(DEFINITIONS))
      keepNewer(roles.#definitions, key, { value: value as RoleDefinition, version })
    for (const { key, value, version } of await store.list(ASSIGNMENTS))
      keepNewer(roles.#assignments, key, { value: value as RoleAssignment, version })
    return roles
  }

  /** Built-in roles first. */
  definitions(): readonly RoleDefinition[] {
    return [...BUILT_IN_ROLES, ...[...this.#definitions.values()].map(({ value }) => value)]
  }

  assignments(): readonly RoleAssignment[] {
    return [...this.#assignments.values()].map(({ value }) => value)
  }

  decide(question: AccessQuestion): AccessDecision {
    this.#index ??= createAccessIndex({ definitions: this.definitions(), assignments: this.assignments() })
    return this.#index.decide(question)
  }

  /** Whether somebody has any role at a scope, above it or below it: then it is there for them. */
  isVisible(principalIds: readonly string[], scope: string): boolean {
    const wanted = normalizeScope(scope)
    if (wanted === undefined) return false
    const ids = new Set(principalIds.map(id => id.toLowerCase()))
    return this.assignments().some(assignment => {
      const held = normalizeScope(assignment.scope)
      if (held === undefined || !ids.has(assignment.principalId.toLowerCase())) return false
      return covers(held, wanted) || covers(wanted, held)
    })
  }

  /** The change that stores a custom role. */
  putDefinition(definition: RoleDefinition): Change {
    const key = `${DEFINITIONS}/${definition.id}`
    return { type: 'put', key, value: definition, expectedVersion: this.#definitions.get(key)?.version ?? 0 }
  }

  removeDefinition(id: string): Change {
    const key = `${DEFINITIONS}/${id.toLowerCase()}`
    return { type: 'remove', key, expectedVersion: this.#definitions.get(key)?.version ?? 0 }
  }

  putAssignment(assignment: RoleAssignment): Change {
    const key = `${ASSIGNMENTS}/${assignment.id}`
    return { type: 'put', key, value: assignment, expectedVersion: this.#assignments.get(key)?.version ?? 0 }
  }

  removeAssignment(id: string): Change {
    const key = `${ASSIGNMENTS}/${id.toLowerCase()}`
    return { type: 'remove', key, expectedVersion: this.#assignments.get(key)?.version ?? 0 }
  }

  /** The changes that take away every role at a scope or below it, whose resource goes. */
  removeBelow(scope: string): readonly Change[] {
    const gone = normalizeScope(scope)
    if (gone === undefined) return []
    const below = this.assignments().filter(assignment => {
      const held = normalizeScope(assignment.scope)
      return held !== undefined && covers(gone, held)
    })
    // Whatever version: with its resource an assignment goes in any case.
    return below.map(({ id }) => ({ type: 'remove', key: `${ASSIGNMENTS}/${id}` }))
  }

  commit(changes: readonly Change[]): ReturnType<DocumentStore['commit']> {
    return this.#store.commit(changes)
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #follow<Value>(kept: Map<string, Versioned<Value>>, { key, document }: DocumentChange): void {
    this.#index = undefined
    if (document) kept.set(key, { value: document.value as Value, version: document.version })
    else kept.delete(key)
  }
}

function keepNewer<Value>(kept: Map<string, Versioned<Value>>, key: string, read: Versioned<Value>): void {
  if ((kept.get(key)?.version ?? 0) < read.version) kept.set(key, read)
}

/** Both normalized. */
function covers(above: string, below: string): boolean {
  return above === '/' || below === above || below.startsWith(`${above}/`)
}
