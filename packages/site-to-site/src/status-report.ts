import type { ConnectionStatus, Reason, TunnelChange, TunnelStatus } from './connection-output.ts'
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
    const causes = tunnels.map(tunnel => tunnel.takeDownCause())
    const before = this.#told.tunnels
    if (statuses.length === before.length && statuses.every((status, i) => isSame(status, before[i]))) return
    for (const [i, status] of statuses.entries()) {
      const known = before.find(({ tunnel }) => tunnel === status.tunnel)
      if (!isSame(status, known))
        this.#log(`connection ${name}, tunnel ${status.tunnel}`, status, known, causes[i])
    }
    for (const gone of before.filter(({ tunnel }) => !statuses.some(status => status.tunnel === tunnel)))
      this.#logGone(gone)
    this.#told = connectionStatus(statuses)
    this.#around.put({ type: 'status', status: this.#told })
  }

  /** What took a tunnel down, and then why it is not up again where that is something else. */
  #log(who: string, now: TunnelStatus, before: TunnelStatus | undefined, cause: Reason | undefined): void {
    const wasUp = before?.status === 'Connected'
    const { tunnel } = now
    const { code, message } = now.reason
    if (now.status === 'Connected') {
      if (!wasUp) this.#around.log('info', code, `${who} is up`, { tunnel, to: 'connected' })
      return
    }
    const down = wasUp ? (cause ?? now.reason) : undefined
    if (down)
      this.#around.log('error', down.code, `${who} is down: ${down.message}`, { tunnel, to: 'disconnected' })
    if (down?.message === message) return
    if (now.status === 'Connecting') this.#around.log('info', code, `${who} is being connected: ${message}`)
    else this.#around.log('warning', code, `${who} is not connected: ${message}`)
  }

  #logGone({ tunnel, status }: TunnelStatus): void {
    const message = `tunnel ${tunnel} is no longer configured`
    const change: TunnelChange | undefined =
      status === 'Connected' ? { tunnel, to: 'disconnected' } : undefined
    this.#around.log('info', 'not-configured', message, change)
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
