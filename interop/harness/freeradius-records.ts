/** A packet that a server has taken: its attributes by name, as FreeRADIUS prints them. */
export type AccountingEntry = ReadonlyMap<string, readonly string[]>

/** Reads a file of the `detail` module: packets apart by an empty line, each headed by a line with its time. */
export function parseDetail(text: string): AccountingEntry[] {
  return text
    .split(/\n\s*\n/)
    .filter(block => block.trim() !== '')
    .map(parseEntry)
}

function parseEntry(block: string): AccountingEntry {
  const entry = new Map<string, string[]>()
  for (const line of block.split('\n')) {
    const [, name, value] = /^\t(\S+) = (.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    entry.set(name, [...(entry.get(name) ?? []), value.replace(/^"(.*)"$/, '$1')])
  }
  return entry
}

/** The only value of an attribute; undefined where there is none. */
export function attributeOf(entry: AccountingEntry, name: string): string | undefined {
  return entry.get(name)?.[0]
}
