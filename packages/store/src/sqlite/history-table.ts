import { checkedKey, rangeBelow } from '../document-key.ts'
import type { HistoryEntry, HistoryLimits, HistoryQuery, HistoryRecord } from '../history.ts'
import type { Database } from './database.ts'
import { pageLength } from './document-table.ts'

/** Ours: records of one page. */
const PAGE_LIMIT = 1_000
const DEFAULT_PAGE = 100

interface Row {
  readonly id: number
  readonly at: number
  readonly who: string
  readonly action: string
  readonly target: string
  readonly before: string | null
  readonly after: string | null
}

/** The audit history in a database. Nothing changes a record; only age and number end one. */
export interface HistoryTable {
  append(entry: HistoryEntry): void
  list(query: HistoryQuery): readonly HistoryRecord[]
}

export function historyTable(database: Database, limits: HistoryLimits): HistoryTable {
  const append = database.prepare(
    'INSERT INTO history (at, who, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const forgetMore = database.prepare<[number | bigint]>('DELETE FROM history WHERE id <= ?')
  const forgetOlder = database.prepare<[number]>('DELETE FROM history WHERE at < ?')
  return {
    append({ at, who, action, target, before, after }) {
      const { lastInsertRowid } = append.run(
        at,
        who,
        action,
        checkedKey(target),
        textOf(before),
        textOf(after),
      )
      forgetMore.run(Number(lastInsertRowid) - limits.records)
      forgetOlder.run(at - limits.seconds)
    },
    list(query) {
      const { conditions, values } = conditionsOf(query)
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
      const limit = pageLength(query.limit ?? DEFAULT_PAGE, PAGE_LIMIT)
      const text = `SELECT * FROM history ${where} ORDER BY id DESC LIMIT ?`
      return database
        .prepare<unknown[], Row>(text)
        .all(...values, limit)
        .map(recordOf)
    },
  }
}

function conditionsOf({ target, from, to, after }: HistoryQuery): {
  conditions: string[]
  values: unknown[]
} {
  const below = target === undefined ? undefined : rangeBelow(checkedKey(target))
  const all: [string, ...unknown[]][] = []
  if (below) all.push(['(target = ? OR (target > ? AND target < ?))', target, below.low, below.high])
  if (from !== undefined) all.push(['at >= ?', from])
  if (to !== undefined) all.push(['at < ?', to])
  if (after !== undefined) all.push(['id < ?', after])
  return { conditions: all.map(([condition]) => condition), values: all.flatMap(([, ...values]) => values) }
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

function recordOf({ before, after, ...rest }: Row): HistoryRecord {
  return {
    ...rest,
    ...(before !== null && { before: JSON.parse(before) as unknown }),
    ...(after !== null && { after: JSON.parse(after) as unknown }),
  }
}
