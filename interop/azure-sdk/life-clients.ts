import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { AuthorizationManagementClient } from '@azure/arm-authorization'
import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { ManagedServiceIdentityClient } from '@azure/arm-msi'
import { NetworkManagementClient as Client36 } from '@azure/arm-network'
import { NetworkManagementClient as Client39 } from '@azure/arm-network-39'
import { ClientSecretCredential, type TokenCredential } from '@azure/identity'
import { CertificateClient, type CertificateClientOptions } from '@azure/keyvault-certificates'
import { SecretClient } from '@azure/keyvault-secrets'
import type { LifePlan, LifeStep, SentRequest, Signer, WireError } from './life-plan.ts'

/** The operations of any of the SDKs, whose types differ. */
export type Operations = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>

/** What went over the wire since the last look. */
export interface Wire {
  readonly requests: SentRequest[]
  error: WireError
}

/** Clients of the SDKs, each made once for each who signs in. */
export class LifeClients {
  readonly plan: LifePlan
  wire: Wire = { requests: [], error: {} }
  readonly #agent: Agent
  readonly #clients = new Map<string, unknown>()
  readonly #credentials = new Map<string, TokenCredential>()

  constructor(plan: LifePlan) {
    this.plan = plan
    const address = new URL(plan.baseUrl).hostname
    // No DNS knows the vaults here.
    const lookup: LookupFunction = (_host, options, callback) =>
      options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)
    this.#agent = new Agent({ lookup })
  }

  close(): void {
    this.#agent.destroy()
  }

  credential(as: Signer): TokenCredential {
    const key = JSON.stringify(as)
    const present = this.#credentials.get(key)
    if (present) return present
    const made = 'token' in as ? givenToken(as.token) : this.#signIn(as)
    this.#credentials.set(key, made)
    return made
  }

  operations({ sdk, as, group }: LifeStep): Operations {
    const ofVault = sdk === 'certificates' || sdk === 'secrets'
    const key = JSON.stringify([sdk, as, ofVault ? group : ''])
    const client = this.#clients.get(key) ?? this.#client(sdk, this.credential(as), group)
    this.#clients.set(key, client)
    return ofVault ? (client as Operations) : ((client as Record<string, Operations>)[group] ?? {})
  }

  #signIn({
    tenantId,
    clientId,
    clientSecret,
  }: Exclude<Signer, { readonly token: string }>): TokenCredential {
    const { baseUrl: authorityHost } = this.plan
    const options = { authorityHost, disableInstanceDiscovery: true }
    return new ClientSecretCredential(tenantId, clientId, clientSecret, options)
  }

  #client(sdk: LifeStep['sdk'], credential: TokenCredential, vault: string): unknown {
    const { baseUrl: endpoint, subscriptionId, vaultDomain } = this.plan
    const options = { endpoint, ...this.#options() }
    const port = new URL(endpoint).port
    const url = `https://${vault}.${vaultDomain}:${port}`
    const scopes = { credentials: { scopes: [`${endpoint}/.default`] } }
    switch (sdk) {
      case 'network36':
        return new Client36(credential, subscriptionId, options)
      case 'network39':
        return new Client39(credential, subscriptionId, options)
      case 'msi':
        return new ManagedServiceIdentityClient(credential, subscriptionId, options)
      case 'keyvault':
        return new KeyVaultManagementClient(credential, subscriptionId, { ...options, ...scopes })
      case 'authorization':
        return new AuthorizationManagementClient(credential, subscriptionId, options)
      case 'certificates':
        return new CertificateClient(url, credential, this.#options())
      case 'secrets':
        return new SecretClient(url, credential, this.#options())
      case 'arm':
        throw new Error('the API itself has no client')
      default:
        throw sdk satisfies never
    }
  }

  /** What goes over the wire is taken down; a refusal is not tried again. */
  #options(): CertificateClientOptions {
    return {
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [
        {
          position: 'perRetry',
          policy: {
            name: 'takesDown',
            sendRequest: async (request, next) => {
              request.agent = this.#agent
              const answer = await next(request)
              this.note(request.method, request.url, answer.status, answer.bodyAsText ?? '')
              return answer
            },
          },
        },
      ],
    }
  }

  /** Takes down a request and its answer: of what failed later, the operation's. */
  note(method: string, url: string, status: number, body: string): void {
    this.wire.requests.push({ method, path: new URL(url).pathname, status })
    const { status: state, error } = jsonOf(body) as { readonly status?: unknown; readonly error?: WireError }
    if (status < 400 && state !== 'Failed') return
    this.wire.error = error ?? {}
  }
}

function jsonOf(text: string): object {
  return text.startsWith('{') ? (JSON.parse(text) as object) : {}
}

function givenToken(token: string): TokenCredential {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) }
}
