import { HISTORY_LIMIT, type HistoryView } from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import { changedPaths } from '../changed-paths.ts'
import type { Command } from '../command.ts'
import { EXIT, usageFailure } from '../command-failure.ts'
import { formatTable } from '../table.ts'

/** `causeway history`. */
export const history: Command = {
  words: [],
  options: ['scope', 'limit'],
  async run({ options: { scope, limit }, directory, print }) {
    const params = {
      ...(scope !== undefined && { target: scope }),
      ...(limit !== undefined && { limit: limitOf(limit) }),
    }
    const result = await askGateway(directory, { method: 'history', params })
    const headings = ['WHEN', 'WHO', 'ACTION', 'WHAT', 'CHANGED']
    const text = result.entries.length === 0 ? 'no changes' : formatTable(headings, result.entries.map(row))
    print({ json: result, text })
    return EXIT.done
  },
}

function row({ at, who, action, target, before, after }: HistoryView): string[] {
  const when = new Date(at * 1000).toISOString().replace(/\.000Z$/, 'Z')
  return [when, who, action, target, changeOf(before, after)]
}

/** Ours: a line has room for so many names. */
const SHOWN = 3

function changeOf(before: unknown, after: unknown): string {
  if (before === undefined) return after === undefined ? '' : 'made'
  if (after === undefined) return 'removed'
  const paths = changedPaths(before, after)
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : ''
  return `${paths.slice(0, SHOWN).join(', ')}${more}`
}

function limitOf(text: string): number {
  if (/^[0-9]{1,4}$/.test(text) && Number(text) > 0 && Number(text) <= HISTORY_LIMIT) return Number(text)
  throw usageFailure(`--limit: '${text}' is not a number of entries; give 1 to ${HISTORY_LIMIT}`)
}
