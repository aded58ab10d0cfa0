import type { FindingView } from '@causeway/api-contract'

/** What was found of one link. */
export function good(check: string, detail: string): FindingView {
  return { check, state: 'good', detail }
}

/** It holds, and something wants attention. */
export function warning(check: string, detail: string, fix?: string): FindingView {
  return { check, state: 'warning', detail, ...(fix !== undefined && { fix }) }
}

/** It is broken, and what mends it. */
export function bad(check: string, detail: string, fix: string): FindingView {
  return { check, state: 'bad', detail, fix }
}

/** A refusal is one sentence, `what is wrong: what to do`. */
export function refusal(check: string, message: string, otherwise: string): FindingView {
  const at = message.lastIndexOf(': ')
  if (at < 0) return bad(check, message.replace(/\.$/, ''), otherwise)
  return bad(check, message.slice(0, at), message.slice(at + 2).replace(/\.$/, ''))
}
