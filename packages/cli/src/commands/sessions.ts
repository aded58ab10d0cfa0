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
    const text =
      result.sessions.length === 0 ? 'no sessions' : formatTable(HEADINGS, result.sessions.map(row))
    print({ json: result, text })
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

function row(session: SessionView): string[] {
  return [
    session.id,
    session.user,
    `${session.protocol}/${session.transport}`,
    session.outer,
    session.innerAddresses.join(','),
    session.cipher,
    formatDuration(Date.now() / 1000 - session.startedAt),
    formatBytes(session.bytesReceived),
    formatBytes(session.bytesSent),
  ]
}
