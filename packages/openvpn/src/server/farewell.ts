import type { OpenVpnCommand } from '../command.ts'
import type { ControlMessage } from '../options/control-message.ts'

type Disconnect = Extract<OpenVpnCommand, { type: 'disconnect' }>

/** What the client is told when the operator ends its session. */
export function farewell({ manner, reason }: Disconnect): ControlMessage {
  switch (manner) {
    case 'halt':
      return { type: 'halt', reason }
    case 'restart':
      return { type: 'restart', nextServer: false, reason }
    case 'auth-failed':
      return { type: 'auth-failed', reason }
    default:
      return manner satisfies never
  }
}
