import { limits } from './limits.ts'

/**
 * A foreign value as it may stand in a log: in quotes, cut, everything but printable ASCII escaped, so that
 * it neither breaks a line nor reorders it.
 */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value
  const isCut = text.length > limits.quotedCharacters
  const escaped = JSON.stringify(text.slice(0, limits.quotedCharacters)).replaceAll(
    /[^ -~]/g,
    escapeCharacter,
  )
  return isCut ? `${escaped}…` : escaped
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
