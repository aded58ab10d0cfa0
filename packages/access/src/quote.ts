/** Ours: what a refusal repeats of a request, in characters. */
const QUOTED_CHARACTERS = 200

/** A piece of a request for a message: in ARM's single quotes, on one line, cut when long. */
export function quote(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
  return `'${line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS)}…` : line}'`
}
