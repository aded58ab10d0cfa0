import type { SessionView } from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { formatBytes, formatDuration, formatTable } from '../table.ts'

const HEADINGS = [
  'ID',
  'USER',
  'PROTOCOL',
  'FROM',
  'ADDRESSES',
  'CIPHER',
  'SINCE',
  'RECEIVED',
  'SENT',
] as const

/** `causeway sessions`. */
export const sessions: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const result = await askGateway(directory, { method: 'sessions', params: {} })
    print({ json: result, text: tableOf(result.sessions) })
    return EXIT.done
  },
}

/** `causeway disconnect ID`. */
export const disconnect: Command = {
  words: ['ID'],
  options: [],
  async run({ words, directory, print }) {
    const result = await askGateway(directory, { method: 'disconnect', params: { id: words[0] ?? '' } })
    print({ json: result, text: `session ${result.id} is ended` })
    return EXIT.done
  },
}

/** The column of groups is there only where there are groups. */
function tableOf(sessions: readonly SessionView[]): string {
  if (sessions.length === 0) return 'no sessions'
  const hasGroups = sessions.some(({ group }) => group !== undefined)
  const [id, user, ...others] = HEADINGS
  const headings = [id, user, ...(hasGroups ? ['GROUP'] : []), ...others]
  return formatTable(
    headings,
    sessions.map(session => row(session, hasGroups ? [session.group ?? ''] : [])),
  )
}

function row(session: SessionView, group: readonly string[]): string[] {
  return [
    session.id,
    session.user,
    ...group,
    `${session.protocol}/${session.transport}`,
    session.outer,
    session.innerAddresses.join(','),
    session.cipher,
    formatDuration(Date.now() / 1000 - session.startedAt),
    formatBytes(session.bytesReceived),
    formatBytes(session.bytesSent),
  ]
}
