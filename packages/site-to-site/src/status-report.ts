import type { ConnectionStatus, TunnelStatus } from './connection-output.ts'
import type { Surroundings } from './surroundings.ts'
import type { Tunnel } from './tunnel.ts'

/** Tells the status when it has changed, and logs why a tunnel is not connected. */
export class StatusReport {
  readonly #around: Surroundings
  #told: ConnectionStatus = NOTHING

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** `name`: `undefined` where nothing is configured. */
  tell(name: string | undefined, tunnels: readonly Tunnel[]): void {
    const statuses = tunnels.map(tunnel => tunnel.status())
    const before = this.#told.tunnels
    if (statuses.length === before.length && statuses.every((status, i) => isSame(status, before[i]))) return
    for (const status of statuses)
      this.#log(
        name ?? '',
        status,
        before.find(({ tunnel }) => tunnel === status.tunnel),
      )
    for (const gone of before.filter(({ tunnel }) => !statuses.some(status => status.tunnel === tunnel)))
      this.#around.log('info', 'not-configured', `tunnel ${gone.tunnel} is no longer configured`)
    this.#told = connectionStatus(statuses)
    this.#around.put({ type: 'status', status: this.#told })
  }

  #log(name: string, status: TunnelStatus, before: TunnelStatus | undefined): void {
    if (before && isSame(status, before)) return
    const { code, message } = status.reason
    const who = `connection ${name}, tunnel ${status.tunnel}`
    if (status.status === 'Connected') {
      if (before?.status !== 'Connected') this.#around.log('info', code, `${who} is up`)
      return
    }
    const wasUp = before?.status === 'Connected'
    const how = wasUp ? 'is down' : status.status === 'Connecting' ? 'is being connected' : 'is not connected'
    const level = wasUp ? 'error' : status.status === 'Connecting' ? 'info' : 'warning'
    this.#around.log(level, code, `${who} ${how}: ${message}`)
  }
}

const NOTHING: ConnectionStatus = {
  status: 'Unknown',
  reason: { code: 'not-configured', message: 'the connection is not configured' },
  tunnels: [],
}

/** The best of its tunnels is the connection's. */
function connectionStatus(tunnels: readonly TunnelStatus[]): ConnectionStatus {
  for (const status of ['Connected', 'Connecting', 'NotConnected'] as const) {
    const best = tunnels.find(tunnel => tunnel.status === status)
    if (best) return { status, reason: best.reason, tunnels }
  }
  return NOTHING
}

function isSame(a: TunnelStatus, b: TunnelStatus | undefined): boolean {
  return (
    a.tunnel === b?.tunnel &&
    a.status === b.status &&
    a.reason.code === b.reason.code &&
    a.reason.message === b.reason.message &&
    a.lastEstablishedSeconds === b.lastEstablishedSeconds
  )
}
