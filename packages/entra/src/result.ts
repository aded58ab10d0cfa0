/** A refusal: policy said no. Carries no token, and nothing from a token whose signature was not checked. */
export interface Denial {
  readonly type: 'deny'
  /** For the log: says what was wrong, for the operator. */
  readonly reason: string
  /** For the user: ASCII without quotes, fit for `AUTH_FAILED,`. */
  readonly userReason: string
  /** Worth trying again later. */
  readonly temporary: boolean
}

/** A {@link Denial} for good: trying again with the same token is of no use. */
export function deny(reason: string, userReason: string): Denial {
  return { type: 'deny', reason, userReason, temporary: false }
}

/** A {@link Denial} because something that is needed for the answer is not there now. */
export function denyForNow(reason: string, userReason: string): Denial {
  return { type: 'deny', reason, userReason, temporary: true }
}

/** What is wrong with data from outside: a value, with a line for the log. */
export interface Fault {
  readonly type: 'fault'
  readonly reason: string
}

export function fault(reason: string): Fault {
  return { type: 'fault', reason }
}
