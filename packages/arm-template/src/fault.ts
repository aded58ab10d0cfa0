import type { DocumentFault } from '@causeway/api-contract'

/**
 * What is wrong with a template: a value, not an `Error`. Raised by the evaluator and its functions, caught where the
 * place in the template is known.
 */
export class TemplateFault {
  readonly problem: string
  readonly remedy: string
  /** Where it is, when that is elsewhere than where it was found: in a variable. */
  readonly path: string | undefined

  constructor(problem: string, remedy: string, path?: string) {
    this.problem = problem
    this.remedy = remedy
    this.path = path
  }

  /** As everything that is wrong with documents is told. */
  at(path: string): DocumentFault {
    return { path: this.path ?? path, problem: this.problem, remedy: this.remedy }
  }
}

/** A limit that was reached: nothing more of the template is looked at. */
export class LimitFault extends TemplateFault {}

/** Raised when a value is asked for that only a resource has which is not there yet. */
export class PendingReference {
  readonly need: Need

  constructor(need: Need) {
    this.need = need
  }
}

/** A resource of which an expression wants to know something. */
export interface Need {
  /** As it was written. */
  readonly id: string
  readonly apiVersion: string | undefined
}

/** A text of the template for a message: one line, quoted, cut when long. */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
  return `'${line.length > 60 ? `${line.slice(0, 60)}…` : line}'`
}
