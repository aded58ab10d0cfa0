/** One thing that was looked at. */
export interface Finding {
  readonly check: string
  /** `warning`: the gateway can start, but something wants attention. */
  readonly state: 'good' | 'warning' | 'bad'
  readonly detail: string
  /** What to do; absent when good. */
  readonly fix?: string
}

/** Nothing to do. */
export function good(check: string, detail: string): Finding {
  return { check, state: 'good', detail }
}

/** Something that keeps a gateway from running, with its remedy. */
export function bad(check: string, detail: string, fix: string): Finding {
  return { check, state: 'bad', detail, fix }
}
