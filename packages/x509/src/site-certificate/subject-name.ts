import type { CertificateDescription } from '../description.ts'

/**
 * The subject that a connection expects: a common name with or without `CN=`, or a whole distinguished name. White
 * space around it does not count.
 */
export function parseSubjectName(text: string): string {
  const trimmed = text.trim()
  return isWholeName(trimmed) ? trimmed : trimmed.replace(/^CN\s*=\s*/i, '')
}

/**
 * Whether a certificate is the expected one: its most specific common name is exactly that, upper and lower case
 * included, since an authority may well give two devices names that differ in nothing else. A distinguished name is
 * compared whole, as RFC 4514 writes it, in either direction.
 */
export function matchesSubjectName(
  expected: string,
  { commonName, subject }: Pick<CertificateDescription, 'commonName' | 'subject'>,
): boolean {
  if (!isWholeName(expected)) return commonName === expected
  const [wanted, seen] = [partsOf(expected), partsOf(subject)]
  return sameParts(wanted, seen) || sameParts(wanted.toReversed(), seen)
}

/** `CN=site, O=Contoso`: more than one part. */
function isWholeName(text: string): boolean {
  return (
    /^[A-Z]+\s*=/i.test(text) &&
    partsOf(text).length > 1 &&
    partsOf(text).every(part => /^[\w.]+=/.test(part))
  )
}

/** The parts between commas that are not escaped, each without white space around it and around its `=`. */
function partsOf(name: string): readonly string[] {
  return name
    .split(/(?<!\\),/)
    .map(part => part.trim().replace(/^([\w.]+)\s*=\s*/, (_, type: string) => `${type.toUpperCase()}=`))
}

function sameParts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index])
}
