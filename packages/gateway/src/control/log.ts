import { type DestinationStream, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const STANDARD_ERROR = 2

/** What is kept for a reader of the log that stands still; beyond that lines are lost, never the gateway. */
const UNREAD_BYTES = 16 * 1024 * 1024

/** Fields that never reach the log, should an object with one be logged. */
const SECRET_FIELDS = ['privateKey', 'password', 'key', 'token', 'secret', 'identity.privateKey']

/**
 * The log on standard error: for people on a terminal, one JSON object a line elsewhere. Standard
 * output stays for what scripts read.
 */
export function createLog(level: LogLevel, isTerminal: boolean): Logger {
  const redact = { paths: SECRET_FIELDS, censor: '[secret]' }
  return pino({ name: 'causeway', level, redact, base: null }, destination(isTerminal))
}

function destination(isTerminal: boolean): DestinationStream {
  // Written beside the work, and to the last line when the process ends.
  if (!isTerminal) return pino.destination({ dest: STANDARD_ERROR, sync: false, maxLength: UNREAD_BYTES })
  return pretty({
    destination: STANDARD_ERROR,
    sync: true,
    colorize: true,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss.l',
  })
}
