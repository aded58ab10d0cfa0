// A program that signs in as programs on Azure do: with @azure/identity, unmodified. One plan in, one line of JSON out.
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity'
import type { CredentialPlan, ManagedIdentityName, TokenOutcome } from './credential-plan.ts'

const plan = JSON.parse(process.argv[2] ?? '') as CredentialPlan
const credential = credentialOf(plan)
const outcomes: TokenOutcome[] = []
for (const scope of plan.scopes) outcomes.push(await outcomeOf(credential, scope))
process.stdout.write(`outcomes ${JSON.stringify(outcomes)}\n`)

function credentialOf(wanted: CredentialPlan): TokenCredential {
  switch (wanted.type) {
    case 'secret': {
      const { tenantId, clientId, clientSecret, authorityHost } = wanted
      return new ClientSecretCredential(tenantId, clientId, clientSecret, {
        authorityHost,
        disableInstanceDiscovery: true,
      })
    }
    case 'certificate': {
      const { tenantId, clientId, certificatePath, authorityHost } = wanted
      return new ClientCertificateCredential(tenantId, clientId, certificatePath, {
        authorityHost,
        disableInstanceDiscovery: true,
      })
    }
    case 'managedIdentity':
      return managedIdentity(wanted.identity)
    default:
      throw wanted satisfies never
  }
}

/** Each of the library's overloads takes one kind of name. */
function managedIdentity(identity: ManagedIdentityName): TokenCredential {
  if ('clientId' in identity) return new ManagedIdentityCredential({ clientId: identity.clientId })
  if ('resourceId' in identity) return new ManagedIdentityCredential({ resourceId: identity.resourceId })
  if ('objectId' in identity) return new ManagedIdentityCredential({ objectId: identity.objectId })
  return new ManagedIdentityCredential()
}

async function outcomeOf(from: TokenCredential, scope: string): Promise<TokenOutcome> {
  try {
    const token = await from.getToken(scope)
    if (!token) return { type: 'error', name: 'none', message: 'no token' }
    return { type: 'token', token: token.token, expiresAt: token.expiresOnTimestamp / 1_000 }
  } catch (error) {
    const { name, message } = error as Error
    return { type: 'error', name, message }
  }
}
