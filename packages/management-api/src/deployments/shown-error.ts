import type { ErrorBody } from '@causeway/api-contract'
import { withoutSecrets } from '@causeway/arm-template'

/** An error in which no secret can be read. Codes are our own words, whatever a secret reads like. */
export function shownError(
  { code, message, target, details }: ErrorBody,
  secrets: readonly string[],
): ErrorBody {
  return {
    code,
    message: withoutSecrets(message, secrets),
    ...(target !== undefined && { target: withoutSecrets(target, secrets) }),
    ...(details && { details: details.map(each => shownError(each, secrets)) }),
  }
}
