import { limits } from '../limits.ts'
import type { FailurePace } from '../pace/failure-pace.ts'
import type { PrincipalDirectory, ServicePrincipal } from '../principals/principal.ts'
import type { SecretChecker } from '../principals/secret-checker.ts'
import { quoted } from '../quoted.ts'
import type { AssertionMemory } from './assertion-memory.ts'
import { judgeAssertion } from './client-assertion.ts'
import { type OAuthRefusal, refuse } from './oauth-error.ts'
import type { ClientCredential } from './token-form.ts'

/** What a client brings to prove that it is the one it says. */
export interface ClientClaim {
  readonly clientId: string
  readonly credential: ClientCredential
  /** Where the request came from: an address, for IPv6 its /64. */
  readonly source: string
  /** What a client assertion may be meant for. */
  readonly audiences: readonly string[]
}

export interface ProvenClient {
  readonly type: 'client'
  readonly principal: ServicePrincipal
  /** `appidacr` of Entra: 1 for a secret, 2 for a certificate. */
  readonly strength: '1' | '2'
}

export interface ClientAuthenticatorParts {
  readonly directory: PrincipalDirectory
  readonly pace: FailurePace
  readonly secrets: SecretChecker
  readonly memory: AssertionMemory
}

/** Judges a client. Failures are counted by client and source, and answered later and later. */
export async function authenticateClient(
  claim: ClientClaim,
  parts: ClientAuthenticatorParts,
  now: number,
): Promise<ProvenClient | OAuthRefusal> {
  const { pace } = parts
  const seconds = pace.wait(claim, now)
  if (seconds > 0)
    return refuse(
      'tooManyFailures',
      `Too many failed requests of this client. Wait ${seconds} seconds.`,
      seconds,
    )
  pace.begin(claim, now)
  const judged = await judgeClient(claim, parts, now)
  if (judged.type === 'client') pace.succeed(claim)
  // Whoever has to wait for others' hashes has done nothing wrong.
  else if (judged.name !== 'busy') pace.fail(claim, now)
  return judged
}

async function judgeClient(
  claim: ClientClaim,
  parts: ClientAuthenticatorParts,
  now: number,
): Promise<ProvenClient | OAuthRefusal> {
  const { clientId, credential } = claim
  const principal = await parts.directory.servicePrincipal(clientId)
  if (!principal)
    return refuse(
      'unknownClient',
      `Application with identifier ${quoted(clientId)} was not found in the directory. Check the client ID and the tenant.`,
    )
  const refusal = await judgeCredential(claim, principal, parts, now)
  return refusal ?? { type: 'client', principal, strength: credential.type === 'secret' ? '1' : '2' }
}

/** The credential first: whether a client is disabled is told to nobody but itself. */
async function judgeCredential(
  claim: ClientClaim,
  principal: ServicePrincipal,
  parts: ClientAuthenticatorParts,
  now: number,
): Promise<OAuthRefusal | undefined> {
  const { credential } = claim
  const refusal =
    credential.type === 'secret'
      ? await judgeSecret(credential.text, principal, parts.secrets, now)
      : await judgeSigned(credential.token, claim, principal, parts.memory, now)
  if (refusal || principal.isEnabled) return refusal
  return refuse(
    'disabledClient',
    `Application '${principal.appId}' (${quoted(principal.displayName)}) is disabled.`,
  )
}

async function judgeSecret(
  text: string,
  { appId, secrets }: ServicePrincipal,
  checker: SecretChecker,
  now: number,
): Promise<OAuthRefusal | undefined> {
  for (const stored of secrets) {
    const isRight = await checker.check(text, stored)
    if (isRight === 'busy') return refuse('busy', 'The service is busy. Try again in a few seconds.', 5)
    if (!isRight) continue
    if (now < stored.endsAt && now >= stored.startsAt - limits.clockSkewSeconds.max) return undefined
    return refuse(
      'expiredSecret',
      `The provided client secret keys for app '${appId}' are expired. Create a new key for the app.`,
    )
  }
  return refuse(
    'wrongSecret',
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${appId}'.`,
  )
}

async function judgeSigned(
  token: string,
  { clientId, source, audiences }: ClientClaim,
  principal: ServicePrincipal,
  memory: AssertionMemory,
  now: number,
): Promise<OAuthRefusal | undefined> {
  const proven = await judgeAssertion(token, principal, audiences, now)
  if (proven.type === 'refused') return proven
  const { assertionId, expiresAt } = proven
  if (memory.admit(clientId.toLowerCase(), assertionId, { source, expiresAt }, now)) return undefined
  return refuse(
    'replayedAssertion',
    "The client assertion was used before, from elsewhere. Sign one with a new 'jti'.",
  )
}
