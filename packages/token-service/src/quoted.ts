/** What an answer repeats of a request, in characters. */
const QUOTED_CHARACTERS = 120

/** A piece of a request for an error: in single quotes, cut, with nothing but printable ASCII. */
export function quoted(text: string): string {
  const shown = text.slice(0, QUOTED_CHARACTERS).replaceAll(/[^ -~]|['\\]/g, '?')
  return text.length > QUOTED_CHARACTERS ? `'${shown}...'` : `'${shown}'`
}
