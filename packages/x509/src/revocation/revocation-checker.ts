import { X509Error } from '../errors.ts'
import { limits } from '../limits.ts'
import { type NativePathFacts, native } from '../native.ts'
import { crlVerdict } from './crl-verdict.ts'
import { ocspVerdict } from './ocsp-verdict.ts'
import { createRevocationFetch, type RevocationFetch } from './revocation-fetch.ts'
import type { RevocationMode, RevocationReport, RevocationStatus } from './revocation-report.ts'
import { createVerdictCache } from './verdict-cache.ts'

export interface RevocationCheckerOptions {
  readonly mode: RevocationMode
  /** Default: {@link createRevocationFetch}. */
  readonly fetch?: RevocationFetch
}

/** A chain that validation returned, and no other: the addresses in it are asked. */
export interface RevocationRequest {
  /** DER, the leaf first and the root last. */
  readonly chain: readonly Uint8Array[]
  readonly unixSeconds: number
}

export interface RevocationChecker {
  /**
   * Asks of each certificate below the root: its OCSP responders first, then its CRLs, up to three of each. Never
   * rejects for what a stranger answers: that is `unknown`. Answers are remembered while they count.
   *
   * Errors: `ERR_X509_MALFORMED` for a chain that is not of certificates.
   */
  check(request: RevocationRequest): Promise<RevocationReport>
}

/** What was learned of one certificate, and until when that need not be asked again. */
export interface Verdict {
  readonly state: RevocationStatus['state']
  readonly detail: string
  /** Unix seconds. */
  readonly until: number
}

/** The certificate in question, and who issued it. */
export interface Question {
  readonly certificate: Uint8Array
  readonly issuer: Uint8Array
  readonly unixSeconds: number
}

/** Delta CRLs are not used: a complete list is always there beside them (RFC 5280 §5.2.4). */
export function createRevocationChecker(options: RevocationCheckerOptions): RevocationChecker {
  const { mode, fetch = createRevocationFetch() } = options
  const cache = createVerdictCache()
  return {
    check: async ({ chain, unixSeconds }) => {
      if (mode === 'off') return { mode, statuses: [] }
      const questions = chain.slice(0, -1).map((certificate, depth) => {
        const issuer = chain[depth + 1] ?? certificate
        return { certificate, issuer, unixSeconds }
      })
      const statuses = questions.map(async question => {
        const { state, detail } = await cache.learn(question, () => learn(question, fetch))
        return { certificate: question.certificate, state, detail }
      })
      return { mode, statuses: await Promise.all(statuses) }
    },
  }
}

/** Ours, in seconds: how soon that is asked again which nobody could say. */
const RETRY_SECONDS = 60
const UNNAMED_SECONDS = 86_400
/** Ours: no further address of a certificate is asked after that. */
const WHOLE_MILLISECONDS = 15_000

async function learn(question: Question, fetch: RevocationFetch): Promise<Verdict> {
  const facts = native.pathFacts(question.certificate)
  if (!facts) throw new X509Error('ERR_X509_MALFORMED', 'the chain holds what is not one certificate in DER')
  const attempts = attemptsOf(facts, question, fetch)
  const { unixSeconds } = question
  if (attempts.length === 0) {
    return { state: 'unnamed', detail: 'it names no address', until: unixSeconds + UNNAMED_SECONDS }
  }
  const problems: string[] = []
  const end = performance.now() + WHOLE_MILLISECONDS
  for (const { uri, attempt } of attempts) {
    if (performance.now() > end) break
    const verdict = await attempt().catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    )
    const host = URL.canParse(uri) ? new URL(uri).host : 'its address'
    if (typeof verdict !== 'string') return { ...verdict, detail: `${verdict.detail} of ${host}` }
    problems.push(`${host}: ${verdict}`)
  }
  return { state: 'unknown', detail: problems.join('; '), until: unixSeconds + RETRY_SECONDS }
}

interface Attempt {
  readonly uri: string
  /** A text: why this address says nothing. */
  readonly attempt: () => Promise<Verdict | string>
}

/** LDAP and other schemes are left out: a certificate that names nothing else counts as one that names nothing. */
function attemptsOf(facts: NativePathFacts, question: Question, fetch: RevocationFetch): readonly Attempt[] {
  const asked = (uris: readonly string[]) =>
    uris.filter(uri => /^https?:/i.test(uri)).slice(0, limits.revocationUris)
  return [
    ...asked(facts.ocspUris).map(uri => ({ uri, attempt: () => ocspVerdict(uri, question, fetch) })),
    ...asked(facts.crlUris).map(uri => ({ uri, attempt: () => crlVerdict(uri, question, fetch) })),
  ]
}
