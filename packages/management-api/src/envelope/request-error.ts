import { StoreError } from '@causeway/store'
import { errorCodes } from 'fastify'
import type { Logger } from 'pino'
import { limits } from '../limits.ts'
import { type Answer, errorOf } from './answer.ts'
import { BodyError } from './json-body.ts'

const LOG = 'Its log says why, under the x-ms-request-id of this answer.'
const FAILED = { code: 'InternalServerError', message: `The gateway could not do it. ${LOG}` } as const
const STORE_REFUSED = {
  code: 'HostFailure',
  message: `The gateway could not read or store it. ${LOG}`,
} as const

/** The answer to a request that cannot be read, or that we failed at. What failed is for the log alone. */
export function requestErrorAnswer(error: unknown, log: Logger, requestId: string): Answer {
  if (error instanceof BodyError)
    return errorOf({
      code: 'InvalidRequestContent',
      message: `The request content was invalid and could not be deserialized: ${error.problem}.`,
    })
  switch ((error as { readonly code?: unknown }).code) {
    case errorCodes.FST_ERR_CTP_BODY_TOO_LARGE().code:
      return errorOf({
        code: 'RequestEntityTooLarge',
        message: `The request body is larger than ${limits.bodyBytes} bytes.`,
      })
    case errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE().code:
    case errorCodes.FST_ERR_CTP_INVALID_TYPE().code:
      return errorOf({
        code: 'UnsupportedMediaType',
        message: 'The content media type is not supported. Only application/json is supported.',
        target: 'Content-Type',
      })
    case errorCodes.FST_ERR_BAD_URL().code:
      return errorOf({ code: 'NotFound', message: 'The path is not encoded as paths are (RFC 3986).' })
    case errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH().code:
      return errorOf({
        code: 'InvalidRequestContent',
        message: 'The request body has another length than its Content-Length says.',
      })
    default:
      log.error({ requestId, err: error }, 'a request failed')
      return errorOf(error instanceof StoreError ? STORE_REFUSED : FAILED)
  }
}
