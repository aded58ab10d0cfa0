/**
 * Cuts a line of configuration to words as OpenVPN does: spaces part them; `'…'` is literal;
 * `"…"` and bare words know the escape `\`; `#` or `;` at the start of a word begins a comment.
 * `undefined`: a quote or escape is left open.
 */
export function splitConfigWords(line: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (isSpace(line[at])) at++
    if (at >= line.length || line[at] === '#' || line[at] === ';') return words
    const word = readWord(line, at)
    if (!word) return undefined
    words.push(word.text)
    at = word.end
  }
}

/** Words as one line that {@link splitConfigWords} reads back. Errors: `RangeError` on control characters. */
export function joinConfigWords(words: readonly string[]): string {
  return words.map(quoteConfigWord).join(' ')
}

/** One word, quoted when it must be. Errors: `RangeError` on control characters. */
export function quoteConfigWord(word: string): string {
  if (/\p{Cc}/u.test(word)) throw new RangeError('a configuration word has control characters')
  if (/^[A-Za-z0-9$_./:@+=%,[\]<>^*!?&|(){}~-]+$/.test(word)) return word
  return word.includes("'") ? `"${word.replace(/["\\]/g, '\\$&')}"` : `'${word}'`
}

function readWord(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = ''
  let quote = ''
  let at = start
  for (; at < line.length; at++) {
    const c = line[at] as string
    if (quote === '' && isSpace(c)) break
    if (c === quote) quote = ''
    else if (quote === '' && (c === '"' || c === "'")) quote = c
    else if (c === '\\' && quote !== "'") {
      if (++at >= line.length) return undefined
      text += line[at]
    } else text += c
  }
  return quote === '' ? { text, end: at } : undefined
}

function isSpace(c: string | undefined): boolean {
  return c === ' ' || c === '\t' || c === '\r'
}
