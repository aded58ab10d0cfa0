import type { Verdict } from '../authentication/identity.ts'
import type { Lease } from '../pool/address-pool.ts'

type Denial = Extract<Verdict, { readonly type: 'deny' }>

/** Who is inside from which devices, so that a user can be held to a number of them. */
export class UserDevices {
  /** By user: of each lease its holder, the oldest first. */
  readonly #byUser = new Map<string, Map<Lease, string>>()
  readonly #userOf = new Map<Lease, string>()
  readonly #replaced: (lease: Lease) => void

  /** @param replaced told to end the session of a lease. */
  constructor(replaced: (lease: Lease) => void) {
    this.#replaced = replaced
  }

  /**
   * Looks whether a user may come in from one more device. Where all places are taken, a session of the very same
   * device makes way: its client has lost it. @param limit 0: any number.
   */
  makeRoom(user: string, holder: string, limit: number): Denial | undefined {
    const count = this.#byUser.get(user)?.size ?? 0
    if (limit === 0 || count < limit || this.replace(user, holder)) return undefined
    return {
      type: 'deny',
      reason: `user ${user} is connected from ${count} ${count === 1 ? 'device' : 'devices'}, and may be from ${limit}`,
      userReason: 'you are connected from as many devices as you may be',
      temporary: true,
    }
  }

  /** Ends a session of the same device. Whether there was one. */
  replace(user: string, holder: string): boolean {
    const [lease] = [...(this.#byUser.get(user) ?? [])].find(([, other]) => other === holder) ?? []
    if (!lease) return false
    this.remove(lease)
    this.#replaced(lease)
    return true
  }

  add(user: string, holder: string, lease: Lease): void {
    const devices = this.#byUser.get(user) ?? new Map<Lease, string>()
    this.#byUser.set(user, devices.set(lease, holder))
    this.#userOf.set(lease, user)
  }

  /** Whether the session of a lease has not been replaced. */
  has(lease: Lease): boolean {
    return this.#userOf.has(lease)
  }

  /** Forgets a lease. One that is not known does nothing. */
  remove(lease: Lease): void {
    const user = this.#userOf.get(lease)
    if (user === undefined) return
    this.#userOf.delete(lease)
    const devices = this.#byUser.get(user)
    devices?.delete(lease)
    if (devices?.size === 0) this.#byUser.delete(user)
  }
}
