/** Who signs in, from where and how often: what stands in the file that the load of sign-ins is given. */
export interface SignInPlan {
  /** A profile's path; its remote is an address. Who signs in is not in it. */
  readonly profile: string
  readonly people: readonly Person[]
  /** Addresses of the client. The people of the one and the other are all combined, unless `isAtHome`. */
  readonly sources: readonly string[]
  /** Each of the people has one source. */
  readonly isAtHome: boolean
  readonly arrival: Arrival
  /** So many come before, one after the other, and are not in the result: V8 compiles the client. */
  readonly warmUp: number
}

export interface Person {
  readonly username: string
  readonly password: string
}

/** - `crowd`: so many, so many at a time. - `pace`: however long each takes, the next comes in its time. */
export type Arrival =
  | { readonly type: 'crowd'; readonly count: number; readonly atOnce: number }
  | { readonly type: 'pace'; readonly count: number; readonly perSecond: number }

/** What became of them: the line that the load prints. */
export interface SignInResult {
  /** Of each that came in, from its first packet until traffic could flow. */
  readonly milliseconds: readonly number[]
  readonly refused: number
  /** Neither came in nor was refused. */
  readonly lost: number
  /** From the first one's beginning until the last one's end. */
  readonly seconds: number
}
