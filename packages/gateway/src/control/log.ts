import { type DestinationStream, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const STANDARD_ERROR = 2

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
  // At once: written beside the work, each line would cost a hop to another thread, which is dearer (measured).
  if (!isTerminal) return pino.destination({ dest: STANDARD_ERROR, sync: true })
  return pretty({
    destination: STANDARD_ERROR,
    sync: true,
    colorize: true,
    // The columns of the diagnostic categories are for machines.
    ignore: 'pid,hostname,name,category,operationName,resource,resourceGroup,instance',
    translateTime: 'SYS:HH:MM:ss.l',
  })
}
