import type { RequestId, SessionId } from './connection-command.ts'
import type {
  ConnectionOutput,
  ConnectionRequest,
  LogCode,
  LogLevel,
  TunnelChange,
} from './connection-output.ts'
import type { DialPace } from './dial-pace.ts'
import type { ConnectionLimits } from './limits.ts'

/** What the parts of one connection share. */
export interface Surroundings {
  readonly limits: ConnectionLimits
  readonly pace: DialPace
  /** 0 ≤ value < 1. */
  readonly random: () => number
  /** Wall clock, which may jump. */
  readonly unixSeconds: () => number
  readonly nextSession: () => SessionId
  readonly put: (output: ConnectionOutput) => void
  readonly log: (level: LogLevel, code: LogCode, message: string, change?: TunnelChange) => void
  /** Puts a request out, and gives its id. */
  readonly request: (request: ConnectionRequest, deadlineMs: number) => RequestId
}
