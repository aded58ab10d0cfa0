import type { AccessRefusal } from '@causeway/access'
import { type ErrorBody, errorAnswer } from '@causeway/api-contract'

/** What is sent back: JSON, or nothing. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that is not done, with the answer that says why. */
export interface Refused {
  readonly type: 'refused'
  readonly answer: Answer
}

/** The answer of an error of ARM's. */
export function errorOf(error: ErrorBody, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...errorAnswer(error), headers }
}

/** A refusal of an error of ARM's. */
export function refuse(error: ErrorBody, headers: Readonly<Record<string, string>> = {}): Refused {
  return { type: 'refused', answer: errorOf(error, headers) }
}

/** The answer of a change of roles that is not made. */
export function accessErrorOf({ status, code, message, target }: AccessRefusal): Answer {
  return { status, body: { error: { code, message, ...(target !== undefined && { target }) } } }
}

export function isRefused(value: object | undefined): value is Refused {
  return value !== undefined && 'type' in value && value.type === 'refused'
}
