/**
 * The JSON of templates, as Azure reads it and az sends it, in strict JSON: without comments and commas that end a list,
 * names without quotes (`template: {`) with them, and line breaks within texts as `\n`. What is no JSON for another
 * reason comes out as it went in; strict JSON comes out with the same values. Takes time in proportion to its length.
 *
 * Source: "Understand the structure and syntax of ARM templates" (comments, multi-line strings); the request of
 * `az deployment group create` 2.74.
 */
export function strictJson(text: string): string {
  const pieces: string[] = []
  let comma = ''
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at)
    at += token.length
    if (isSpace(token)) {
      pieces.push(' ')
      continue
    }
    // A comma is only written when something comes after it.
    if (!/^[}\]]/.test(token)) pieces.push(comma)
    comma = token === ',' ? ',' : ''
    if (token !== ',') pieces.push(strictToken(token, text, at))
  }
  pieces.push(comma)
  return pieces.join('')
}

/**
 * Spaces, a comment, a text in quotes, a word (names, numbers), or one character of anything else. A comment or text that
 * does not end is one token too, lest every quote in it is looked for the end of.
 */
const TOKEN = /\s+|\/\/[^\n]*|\/\*.*?(?:\*\/|$)|"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[\w$.+-]+|./sy

function tokenAt(text: string, at: number): string {
  TOKEN.lastIndex = at
  return TOKEN.exec(text)?.[0] ?? ''
}

function isSpace(token: string): boolean {
  return /^\s|^\/\/|^\/\*.*\*\/$/s.test(token)
}

/** @param end where the token ends in the text. */
function strictToken(token: string, text: string, end: number): string {
  if (token.startsWith('"')) return token.replaceAll(/\p{Cc}/gu, escaped)
  const isName = /^[A-Za-z_$]/.test(token) && nextToken(text, end) === ':'
  return isName ? `"${token}"` : token
}

function nextToken(text: string, end: number): string {
  for (let at = end; at < text.length; ) {
    const token = tokenAt(text, at)
    if (!isSpace(token)) return token
    at += token.length
  }
  return ''
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`
}
