import { limits } from '../limits.ts'
import { native } from '../native.ts'
import { createTrustStore } from '../trust-store.ts'
import type { Question, Verdict } from './revocation-checker.ts'
import type { RevocationFetch } from './revocation-fetch.ts'
import { rememberedUntil, staleness } from './status-times.ts'

/**
 * Fetches a list and lets OpenSSL look the certificate up in it: the issuer must have signed it, its scope must fit
 * (RFC 5280 §6.3). A text says why there is no verdict.
 */
export async function crlVerdict(
  uri: string,
  { certificate, issuer, unixSeconds }: Question,
  fetch: RevocationFetch,
): Promise<Verdict | string> {
  const crl = await fetch({ uri, maximumBytes: limits.crlBytes })
  if (crl.length > limits.crlBytes) return `its answer is larger than ${limits.crlBytes} bytes`
  const times = native.crlTimes(crl)
  if (!times) return 'its answer is not one CRL in DER'
  const stale = staleness(times, unixSeconds)
  if (stale !== undefined) return stale
  const store = createTrustStore({ roots: [issuer], crls: [crl], partialChain: true })
  const result = store.verify({ leaf: certificate, time: unixSeconds, purpose: 'any', crlCheck: 'leaf' })
  const until = rememberedUntil(times, unixSeconds)
  if (result.valid) return { state: 'good', detail: 'CRL', until }
  return result.reason === 'revoked' ? { state: 'revoked', detail: 'CRL', until } : result.detail
}
