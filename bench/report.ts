import { median } from './median.ts'

/** What a measure must reach, if anything. `ratio` is Causeway's value by its peer's. */
export interface Target {
  readonly of: 'ratio' | 'causeway'
  readonly relation: '>=' | '<='
  readonly bound: number
}

/** One line of a bench's result; null where there is nothing to compare or to reach. */
export interface Row {
  readonly measure: string
  readonly unit: string
  readonly causeway: number | null
  readonly peer: number | null
  readonly ratio: number | null
  readonly target: string | null
  readonly met: boolean | null
}

/** The face of `npm run bench -- NAME --json` (DESIGN §7). */
export interface Report {
  readonly name: string
  readonly machine: string
  readonly commit: string
  readonly rows: readonly Row[]
}

/** All rounds of one measure. */
export interface Samples {
  readonly measure: string
  readonly unit: string
  readonly causeway: readonly number[]
  readonly peer: readonly number[]
  readonly target?: Target
}

/** Digits behind which a measurement is noise. */
const SIGNIFICANT = 4

export function createRow(samples: Samples): Row {
  const causeway = rounded(median(samples.causeway))
  const peer = rounded(median(samples.peer))
  const ratio = causeway !== null && peer ? rounded(causeway / peer) : null
  const { target } = samples
  const judged = target && (target.of === 'ratio' ? ratio : causeway)
  return {
    measure: samples.measure,
    unit: samples.unit,
    causeway,
    peer,
    ratio,
    target: target ? formatTarget(target, samples.unit) : null,
    met: target && typeof judged === 'number' ? meets(judged, target) : null,
  }
}

/** The rows as a table for a terminal. */
export function formatTable(rows: readonly Row[], peer: string): string {
  const head = ['measure', 'unit', 'causeway', peer, 'ratio', 'target', 'met']
  const cells = rows.map(row => [
    row.measure,
    row.unit,
    cell(row.causeway),
    cell(row.peer),
    cell(row.ratio),
    row.target ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map(line => line[column]?.length ?? 0)))
  const lines = [head, widths.map(width => '-'.repeat(width)), ...cells]
  return lines.map(line => formatLine(line, widths)).join('\n')
}

/** Text to the left, numbers to the right. */
function formatLine(line: readonly string[], widths: readonly number[]): string {
  const padded = line.map((text, column) => {
    const width = widths[column] ?? 0
    return column >= 2 && column <= 4 ? text.padStart(width) : text.padEnd(width)
  })
  return padded.join('  ').trimEnd()
}

function cell(value: number | null): string {
  return value === null ? '-' : String(value)
}

function formatTarget(target: Target, unit: string): string {
  return target.of === 'ratio'
    ? `ratio ${target.relation} ${target.bound}`
    : `${target.relation} ${target.bound} ${unit}`
}

function meets(value: number, { relation, bound }: Target): boolean {
  return relation === '>=' ? value >= bound : value <= bound
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(SIGNIFICANT)) : null
}
