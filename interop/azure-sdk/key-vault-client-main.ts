// A program that uses key vaults as programs on Azure do: with @azure/keyvault-certificates, @azure/keyvault-secrets,
// @azure/arm-keyvault and @azure/identity, unmodified. No DNS knows the vaults here: an agent, which the SDKs take from a
// policy of their pipeline, looks their names up. One plan in, one line of JSON out.
import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { ClientSecretCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity'
import { CertificateClient, type CertificateClientOptions } from '@azure/keyvault-certificates'
import { SecretClient } from '@azure/keyvault-secrets'
import type { VaultOutcome, VaultPlan, VaultStep } from './key-vault-plan.ts'
import type { Person } from './network-plan.ts'

type SdkStep = Exclude<VaultStep, { readonly do: 'arm' }>
type Operations = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>

/** What the SDKs throw. */
interface SdkError {
  readonly name: string
  readonly statusCode?: number
  readonly code?: string
  readonly message: string
  readonly details?: { readonly error?: { readonly innerError?: { readonly code?: string } } }
}

const lookup: LookupFunction = (_host, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)
const agent = new Agent({ lookup })
const OPTIONS: CertificateClientOptions = {
  retryOptions: { maxRetries: 0 },
  additionalPolicies: [
    {
      position: 'perCall',
      policy: {
        name: 'looksUpVaults',
        sendRequest: (request, next) => {
          request.agent = agent
          return next(request)
        },
      },
    },
  ],
}

const plan = JSON.parse(process.argv[2] ?? '') as VaultPlan
const credential = credentialOf(plan.as)
const clients = new Map<string, Operations>()
const outcomes: VaultOutcome[] = []
for (const step of plan.steps) outcomes.push(await outcomeOf(step))
agent.destroy()
process.stdout.write(`outcomes ${JSON.stringify(outcomes)}\n`)

function credentialOf(who: Person | 'managedIdentity'): TokenCredential {
  if (who === 'managedIdentity') return new ManagedIdentityCredential({ resourceId: plan.place.identityId })
  const { tenantId, baseUrl: authorityHost } = plan.place
  const options = { authorityHost, disableInstanceDiscovery: true }
  return new ClientSecretCredential(tenantId, who.clientId, who.clientSecret, options)
}

async function outcomeOf(step: VaultStep): Promise<VaultOutcome> {
  try {
    return { type: 'value', value: shown(step.do === 'arm' ? await arm(step) : await run(step)) }
  } catch (error) {
    const { name, statusCode: status, code, message, details } = error as SdkError
    return { type: 'error', name, status, code, message, inner: details?.error?.innerError?.code }
  }
}

async function run(step: SdkStep): Promise<unknown> {
  const client = clientOf(step)
  const operation = client[step.call]
  if (!operation) throw new Error(`the SDK has no ${step.call}`)
  const answer = operation.apply(client, step.with.map(read))
  if (isIterable(answer)) {
    const entries: unknown[] = []
    for await (const entry of answer) entries.push(entry)
    return entries
  }
  const value = await answer
  return isPoller(value) ? value.pollUntilDone() : value
}

/** One client for all that is done in a vault: it asks for the challenge once. */
function clientOf({ do: kind, vault = '', token = '' }: SdkStep): Operations {
  const key = `${kind} ${vault} ${token}`
  const present = clients.get(key)
  if (present) return present
  const made = newClient(kind, vault, token === '' ? credential : givenToken(token))
  clients.set(key, made)
  return made
}

function newClient(kind: SdkStep['do'], vault: string, from: TokenCredential): Operations {
  const { port, domain, baseUrl, subscriptionId } = plan.place
  const url = `https://${vault}.${domain}:${port}`
  switch (kind) {
    case 'certificates':
      return new CertificateClient(url, from, OPTIONS) as unknown as Operations
    case 'secrets':
      return new SecretClient(url, from, OPTIONS) as unknown as Operations
    case 'vaults': {
      const options = { endpoint: baseUrl, credentials: { scopes: [`${baseUrl}/.default`] } }
      return new KeyVaultManagementClient(from, subscriptionId, options).vaults as unknown as Operations
    }
    default:
      throw kind satisfies never
  }
}

function givenToken(token: string): TokenCredential {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) }
}

async function arm({ method, path, body }: Extract<VaultStep, { readonly do: 'arm' }>): Promise<unknown> {
  const { baseUrl } = plan.place
  const token = await credentialOf(plan.owner).getToken(`${baseUrl}/.default`)
  const answer = await fetch(`${baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token?.token ?? ''}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

function read(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value
  return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'))
}

/** JSON of an answer, its bytes in base64. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]))
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isPoller(value: unknown): value is { pollUntilDone(): Promise<unknown> } {
  return typeof value === 'object' && value !== null && 'pollUntilDone' in value
}
