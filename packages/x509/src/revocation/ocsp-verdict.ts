import { limits } from '../limits.ts'
import { native } from '../native.ts'
import type { Question, Verdict } from './revocation-checker.ts'
import type { RevocationFetch } from './revocation-fetch.ts'
import { rememberedUntil, staleness } from './status-times.ts'

/**
 * Asks a responder (RFC 6960) by POST, without a nonce: answers made beforehand are usual, and count by their times. A
 * text says why there is no verdict.
 */
export async function ocspVerdict(
  uri: string,
  { certificate, issuer, unixSeconds }: Question,
  fetch: RevocationFetch,
): Promise<Verdict | string> {
  const ocspRequest = native.ocspRequest(certificate, issuer)
  const response = await fetch({ uri, ocspRequest, maximumBytes: limits.ocspBytes })
  if (response.length > limits.ocspBytes) return `its answer is larger than ${limits.ocspBytes} bytes`
  const answer = native.ocspStatus(response, certificate, issuer, unixSeconds)
  if (typeof answer === 'string') return answer
  const stale = staleness(answer, unixSeconds)
  if (stale !== undefined) return stale
  if (answer.status === 'unknown') return 'the responder does not know the certificate'
  return { state: answer.status, detail: 'OCSP', until: rememberedUntil(answer, unixSeconds) }
}
