import type { Option } from '../wire/option.ts'

/** What is said to a Configure-Request (RFC 1661 §5.2 to 5.4). A Reject goes before a Nak. */
export type Verdict =
  | { readonly type: 'ack' }
  | { readonly type: 'reject'; readonly options: readonly Option[] }
  | {
      readonly type: 'nak'
      /** With the values that we would acknowledge. */
      readonly options: readonly Option[]
      /** Why we cannot do without: the end, when the peer insists. Absent: a Reject takes the Nak's place. */
      readonly vital?: string
    }

/**
 * The options of one control protocol: what we ask for and what we grant. The values that the peer may choose are
 * bounded by it. Methods that give text give the reason why there can be no agreement.
 */
export interface OptionPolicy {
  /** Options of our next Configure-Request. */
  ask(): readonly Option[]
  /** The peer's request. With `ack` its values count from now on. */
  judge(options: readonly Option[]): Verdict
  /** The peer has agreed to what we asked for. */
  acknowledged(): string | undefined
  /** The peer has proposed other values, or asks for options that we left out. */
  suggested(options: readonly Option[]): string | undefined
  /** The peer does not want these options. */
  rejected(options: readonly Option[]): string | undefined
}

/** The verdict of options that were looked at one by one. */
export function verdictOf(found: {
  readonly rejects: readonly Option[]
  readonly naks: readonly Option[]
  readonly vital?: string | undefined
}): Verdict {
  const { rejects, naks, vital } = found
  if (rejects.length > 0) return { type: 'reject', options: rejects }
  if (naks.length === 0) return { type: 'ack' }
  return { type: 'nak', options: naks, ...(vital !== undefined && { vital }) }
}
