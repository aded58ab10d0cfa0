import { printableName } from '../authentication/printable-name.ts'

/** What is known of a peer that was not let in. */
export interface RefusedPeer {
  /** Why the policy said no, and to whom. */
  readonly denial: string | undefined
  /** What it called itself. */
  readonly claimed: string | undefined
}

/** Why a peer was not let in, for the log, with the name that it gave itself. Some leave before the policy has spoken. */
export function refusalReason({ denial, claimed }: RefusedPeer, reason: string): string {
  if (denial !== undefined) return denial
  return claimed === undefined ? reason : `${claimedUser(claimed)}: ${reason}`
}

/** A name that nobody has proven. */
export function claimedUser(name: string): string {
  return `user ${printableName(name)} (claimed)`
}
