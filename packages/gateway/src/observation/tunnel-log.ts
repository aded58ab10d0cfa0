import type { LogLevel, TunnelChange } from '@causeway/site-to-site'
import type { Logger } from 'pino'

/** A `log` output of a connection's engine is one; the runtime says in the same form what the engine does not know. */
export interface TunnelLine {
  readonly level: LogLevel
  /** For programs: the engine's codes, or one more. */
  readonly code: string
  /** For people: what has happened, and what to do. Nothing secret. */
  readonly message: string
  /** Makes it a line of `TunnelConnected` or `TunnelDisconnected`. */
  readonly change?: TunnelChange
}

/** What else is known when a line is told. */
export interface TunnelColumns {
  /** Azure's column: the address of the peer. */
  readonly remoteIP?: string
  readonly tunnel?: string
}

/** Lines of one connection to a site. */
export class TunnelLog {
  readonly #log: Logger

  /** @param log whose bindings are the columns that all lines of the connection have. */
  constructor(log: Logger) {
    this.#log = log
  }

  /**
   * A line about a connection: a tunnel that has come up or gone down (`operationName`, `status`,
   * `stateChangeReason`), a certificate that was received, refused or is about to expire, a peer that was not let in.
   */
  tell({ level, code, message, change }: TunnelLine, columns: TunnelColumns = {}): void {
    const line = { ...columns, code, ...(change && columnsOf(change, code)) }
    this.#log[PINO_LEVELS[level]](line, message)
  }
}

const PINO_LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const satisfies Record<
  LogLevel,
  string
>

const OPERATIONS = { connected: 'TunnelConnected', disconnected: 'TunnelDisconnected' } as const

function columnsOf({ tunnel, to }: TunnelChange, code: string): Record<string, string> {
  const status = to === 'connected' ? 'Connected' : 'Disconnected'
  return { operationName: OPERATIONS[to], tunnel, status, stateChangeReason: code }
}
