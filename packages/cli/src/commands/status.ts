import { askGateway } from '../ask-gateway.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { formatDay, formatDuration } from '../table.ts'

/** `causeway status`. */
export const status: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const gateway = await askGateway(directory, { method: 'status', params: {} })
    const limit = gateway.sessionLimit === undefined ? '' : ` of ${gateway.sessionLimit}`
    const up = formatDuration(Date.now() / 1000 - gateway.startedAt)
    const lines = [
      `${gateway.name}: running for ${up}, process ${gateway.processId}, version ${gateway.version}`,
      `  sessions     ${gateway.sessions}${limit}`,
      `  listening    ${gateway.listeners.join(', ')}`,
      `  clients get  ${gateway.addressPools.join(', ')}`,
      `  inside       ${gateway.insidePrefixes.join(', ') || 'nothing'}`,
      `  certificate  until ${formatDay(gateway.certificateExpiresAt)}`,
    ]
    print({ json: gateway, text: lines.join('\n') })
    return EXIT.done
  },
}
