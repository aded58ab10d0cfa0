import { type DocumentFault, quote } from '@causeway/api-contract'
import { formatIpPrefix, type IpPrefix, parseIpPrefix, prefixContains, prefixesOverlap } from '@causeway/wire'

/** A prefix that a body names. */
export interface NamedPrefix {
  readonly path: string
  readonly prefix: IpPrefix
}

/** Reads the prefixes of a list, and notes those that are none. */
export function readNamedPrefixes(
  texts: readonly string[],
  path: string,
  faults: DocumentFault[],
): readonly NamedPrefix[] {
  return texts.flatMap((text, i) => readNamedPrefix(text, `${path}[${i}]`, faults))
}

export function readNamedPrefix(text: string, path: string, faults: DocumentFault[]): readonly NamedPrefix[] {
  const prefix = parseIpPrefix(text)
  if (prefix) return [{ path, prefix }]
  const example = text.includes(':') ? 'fd00:10::/64' : '10.1.0.0/16'
  faults.push({
    path,
    problem: `${quote(text)} is not a network`,
    remedy: `give ADDRESS/LENGTH with no bits set past the length, as ${example}`,
  })
  return []
}

/** Notes prefixes of which a part is in one before them. */
export function judgeApart(prefixes: readonly NamedPrefix[], faults: DocumentFault[]): void {
  for (const [i, { path, prefix }] of prefixes.entries()) {
    const other = prefixes.slice(0, i).find(before => prefixesOverlap(before.prefix, prefix))
    if (other)
      faults.push({
        path,
        problem: `${formatIpPrefix(prefix)} overlaps ${formatIpPrefix(other.prefix)} at ${other.path}`,
        remedy: 'give each a network of its own',
      })
  }
}

/** Whether a prefix is wholly in one of these. */
export function isInside(prefix: IpPrefix, spaces: readonly NamedPrefix[]): boolean {
  return spaces.some(
    space => space.prefix.length <= prefix.length && prefixContains(space.prefix, prefix.address),
  )
}
