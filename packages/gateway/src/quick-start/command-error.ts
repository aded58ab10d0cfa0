import type { ErrorBody, ErrorCode } from '@causeway/api-contract'
import { type ConfigurationFault, formatConfigurationFault } from '../arm/index.ts'

/** A command of the operator that is refused: the message is one line with what to do. */
export class CommandError extends Error {
  readonly code: ErrorCode
  readonly details: readonly ErrorBody[]

  constructor(code: ErrorCode, message: string, details: readonly ErrorBody[] = []) {
    super(message)
    this.name = 'CommandError'
    this.code = code
    this.details = details
  }
}

/** The first fault is the message; all of them are its details. Errors: `RangeError` without a fault. */
export function configurationRefused(faults: readonly ConfigurationFault[]): CommandError {
  const details = faults.map(
    (fault): ErrorBody => ({
      code: 'InvalidParameter',
      message: formatConfigurationFault(fault),
      target: fault.path,
    }),
  )
  const [first, ...more] = details
  if (!first) throw new RangeError('no fault, nothing to refuse')
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  return new CommandError('InvalidParameter', `${first.message}${rest}`, details)
}
