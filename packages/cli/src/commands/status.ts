import type { GatewayStatus } from '@causeway/api-contract'
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
    const up = formatDuration(Date.now() / 1000 - gateway.startedAt)
    const lines = [
      `${gateway.name ?? 'no gateway'}: running for ${up}, process ${gateway.processId}, version ${gateway.version}`,
      `  sessions     ${sessions(gateway)}`,
      ...signIns(gateway),
      `  listening    ${gateway.listeners.join(', ') || 'nowhere'}`,
      `  clients get  ${gateway.addressPools.join(', ') || 'nothing'}`,
      `  inside       ${gateway.insidePrefixes.join(', ') || 'nothing'}`,
      `  certificate  until ${formatDay(gateway.certificateExpiresAt)}`,
    ]
    print({ json: gateway, text: lines.join('\n') })
    return EXIT.done
  },
}

/** Older gateways do not say it. */
function signIns({ authentication = [] }: GatewayStatus): string[] {
  if (authentication.length === 0) return []
  const tunnels = authentication.map(({ tunnel, types }) => `${tunnel} by ${types.join(' or ')}`)
  return [`  sign-in      ${tunnels.join(', ')}`]
}

/** Each limit stands by the sessions that it counts; without limits one number says all. */
function sessions(gateway: GatewayStatus): string {
  const { sessions: all, sstpSessions = 0, sessionLimit, sstpSessionLimit } = gateway
  if (sessionLimit === undefined && sstpSessionLimit === undefined) return String(all)
  return [
    `IKEv2 and OpenVPN ${ofLimit(all - sstpSessions, sessionLimit)}`,
    `SSTP ${ofLimit(sstpSessions, sstpSessionLimit)}`,
  ].join(', ')
}

function ofLimit(count: number, limit: number | undefined): string {
  return limit === undefined ? String(count) : `${count} of ${limit}`
}
