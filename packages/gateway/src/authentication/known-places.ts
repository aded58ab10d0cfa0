import type { Instant } from '@causeway/engine'

/** How long a success is remembered: a week without the office, and it is still known on Monday. */
const LIFETIME_MILLISECONDS = 7 * 24 * 3600 * 1000
/** Of one user. */
const PLACES = 8
/** Of whom more are known than a gateway has sessions. */
const USERS = 16_384

/** From where users have signed in lately. Only a success makes an entry: strangers can fill none of it. */
export class KnownPlaces {
  /** Both in the order of the last success. */
  readonly #users = new Map<string, Map<string, Instant>>()

  has(user: string, place: string, now: Instant): boolean {
    const at = this.#users.get(user)?.get(place)
    return at !== undefined && now - at < LIFETIME_MILLISECONDS
  }

  note(user: string, place: string, now: Instant): void {
    const places = this.#users.get(user) ?? new Map<string, Instant>()
    places.delete(place)
    places.set(place, now)
    dropOldest(places, PLACES)
    this.#users.delete(user)
    this.#users.set(user, places)
    dropOldest(this.#users, USERS)
  }
}

function dropOldest<Key>(entries: Map<Key, unknown>, most: number): void {
  const [oldest] = entries.keys()
  if (entries.size > most && oldest !== undefined) entries.delete(oldest)
}
