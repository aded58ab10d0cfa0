import type { Verdict } from '../authentication/identity.ts'
import type { Lease } from '../pool/address-pool.ts'

type Denial = Extract<Verdict, { readonly type: 'deny' }>

/** One user's device, as far as it is known. */
export interface UserDevice {
  /** For the log. */
  readonly user: string
  /** Equal for all that is the same user's; the same name by another method is another's. */
  readonly account: string
  /** Equal for the very same device of the same user alone. */
  readonly holder: string
}

/** Who is inside from which devices, so that a user can be held to a number of them. */
export class UserDevices {
  /** By account: of each lease its holder, the oldest first. */
  readonly #byAccount = new Map<string, Map<Lease, string>>()
  readonly #accountOf = new Map<Lease, string>()
  readonly #replaced: (lease: Lease) => void

  /** @param replaced told to end the session of a lease. */
  constructor(replaced: (lease: Lease) => void) {
    this.#replaced = replaced
  }

  /**
   * Looks whether a user may come in from one more device. Where all places are taken, a session of the very same
   * device makes way: its client has lost it. @param limit 0: any number.
   */
  makeRoom(device: UserDevice, limit: number): Denial | undefined {
    const { user, account } = device
    const count = this.#byAccount.get(account)?.size ?? 0
    if (limit === 0 || count < limit || this.replace(device)) return undefined
    return {
      type: 'deny',
      reason: `user ${user} is connected from ${count} ${count === 1 ? 'device' : 'devices'}, and may be from ${limit}`,
      userReason: 'you are connected from as many devices as you may be',
      temporary: true,
      because: 'devices',
    }
  }

  /** Ends a session of the same device. Whether there was one. */
  replace({ account, holder }: UserDevice): boolean {
    const [lease] = [...(this.#byAccount.get(account) ?? [])].find(([, other]) => other === holder) ?? []
    if (!lease) return false
    this.remove(lease)
    this.#replaced(lease)
    return true
  }

  add({ account, holder }: UserDevice, lease: Lease): void {
    const devices = this.#byAccount.get(account) ?? new Map<Lease, string>()
    this.#byAccount.set(account, devices.set(lease, holder))
    this.#accountOf.set(lease, account)
  }

  /** Whether the session of a lease has not been replaced. */
  has(lease: Lease): boolean {
    return this.#accountOf.has(lease)
  }

  /** Forgets a lease. One that is not known does nothing. */
  remove(lease: Lease): void {
    const account = this.#accountOf.get(lease)
    if (account === undefined) return
    this.#accountOf.delete(lease)
    const devices = this.#byAccount.get(account)
    devices?.delete(lease)
    if (devices?.size === 0) this.#byAccount.delete(account)
  }
}
