/** strongSwan's configuration syntax as data: settings, lists and sections by name; `include` has files by name. */
export interface Sections {
  readonly [name: string]: string | readonly string[] | Sections
}

/** The text of `strongswan.conf` and `swanctl.conf`; a list becomes one comma-separated setting. */
export function formatSections(sections: Sections, depth = 0): string {
  const indent = '  '.repeat(depth)
  const lines = Object.entries(sections).map(([name, value]) => {
    if (name === 'include') return `${indent}include ${String(value)}\n`
    if (typeof value === 'string') return `${indent}${name} = ${value}\n`
    if (isList(value)) return `${indent}${name} = ${value.join(',')}\n`
    return `${indent}${name} {\n${formatSections(value, depth + 1)}${indent}}\n`
  })
  return lines.join('')
}

/** Reads what `swanctl --pretty` prints. Errors: a line of another shape. */
export function parsePretty(text: string): Sections {
  const root: OpenSections = {}
  const open: (OpenSections | string[])[] = [root]
  for (const line of text.split('\n').map(part => part.trim())) {
    const top = open.at(-1)
    if (line === '' || top === undefined) continue
    if (line === '}' || line === ']') open.pop()
    else if (Array.isArray(top)) top.push(line)
    else takeLine(open, top, line)
  }
  return root
}

/** The settings of a section by its path; undefined where there is none. */
export function sectionAt(sections: Sections, ...path: readonly string[]): Sections | undefined {
  const [name, ...rest] = path
  if (name === undefined) return sections
  const value = sections[name]
  return isSections(value) ? sectionAt(value, ...rest) : undefined
}

/** Every section directly inside one. */
export function subsections(sections: Sections | undefined): Sections[] {
  return Object.values(sections ?? {}).filter(isSections)
}

export function isSections(value: Sections[string] | undefined): value is Sections {
  return typeof value === 'object' && !isList(value)
}

type OpenSections = { [name: string]: string | string[] | OpenSections }

function takeLine(open: (OpenSections | string[])[], section: OpenSections, line: string): void {
  const opening = /^(.*?)(?: =)? ([{[])$/.exec(line)
  if (opening) {
    const name = freeName(section, opening[1] ?? '')
    const opened = opening[2] === '{' ? {} : []
    section[name] = opened
    open.push(opened)
    return
  }
  const setting = /^(.*?) = (.*)$/.exec(line)
  if (!setting) throw new Error(`swanctl printed ${JSON.stringify(line)}`)
  section[setting[1] ?? ''] = setting[2] ?? ''
}

/** SAs of one name live side by side while one takes over from the other. */
function freeName(section: OpenSections, name: string): string {
  return name in section ? `${name} ${Object.keys(section).length}` : name
}

function isList(value: Sections[string] | undefined): value is readonly string[] {
  return Array.isArray(value)
}
