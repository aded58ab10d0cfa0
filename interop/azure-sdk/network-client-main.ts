// A program that manages networks as programs on Azure do: with @azure/arm-network, unmodified. One plan in, one line
// of JSON out.
import { NetworkManagementClient as Client36 } from '@azure/arm-network'
import { NetworkManagementClient as Client39 } from '@azure/arm-network-39'
import { ClientSecretCredential, type TokenCredential } from '@azure/identity'
import type { NetworkPlan, Step, StepOutcome } from './network-plan.ts'

/** The operations of either generation, whose names differ and whose meaning does not. */
type Operations = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>

/** What both generations throw. */
interface SdkError {
  readonly statusCode?: number
  readonly code?: string
  readonly message: string
  /** The body. The modular client leaves it out of what a long-running operation begins with. */
  readonly details?: { readonly error?: { readonly target?: string } }
}

const plan = JSON.parse(process.argv[2] ?? '') as NetworkPlan
const outcomes: StepOutcome[] = []
for (const step of plan.steps) outcomes.push(await outcomeOf(step))
process.stdout.write(`outcomes ${JSON.stringify(outcomes)}\n`)

function credentialOf({ place, person }: NetworkPlan): TokenCredential {
  return new ClientSecretCredential(place.tenantId, person.clientId, person.clientSecret, {
    authorityHost: place.baseUrl,
    disableInstanceDiscovery: true,
  })
}

function clientOf({ sdk, place }: NetworkPlan, credential: TokenCredential): Client36 | Client39 {
  const { baseUrl, subscriptionId } = place
  switch (sdk) {
    case '36':
      return new Client36(credential, subscriptionId, { endpoint: baseUrl })
    case '39':
      return new Client39(credential, subscriptionId, { endpoint: baseUrl })
    default:
      throw sdk satisfies never
  }
}

async function outcomeOf(step: Step): Promise<StepOutcome> {
  try {
    return { type: 'value', value: await run(step) }
  } catch (error) {
    const { statusCode, code, message, details } = error as SdkError
    return { type: 'error', status: statusCode, code, message, target: details?.error?.target }
  }
}

async function run(step: Step): Promise<unknown> {
  if (step.do === 'group') return makeGroup(step)
  const isOld = plan.sdk === '36'
  const token = 'token' in step ? step.token : undefined
  const credential = token === undefined ? credentialOf(plan) : givenToken(token)
  const client = clientOf(plan, credential) as unknown as Readonly<Record<string, Operations>>
  const operations = client[step.group] ?? {}
  switch (step.do) {
    case 'put': {
      const { headers = {} } = step
      const options = { requestOptions: isOld ? { customHeaders: headers } : { headers } }
      return call(operations, isOld ? 'beginCreateOrUpdateAndWait' : 'createOrUpdate', [
        ...step.path,
        step.body,
        options,
      ])
    }
    case 'get':
      return call(operations, 'get', step.path)
    case 'tags':
      return call(operations, 'updateTags', [...step.path, { tags: step.tags }])
    case 'delete':
      return call(operations, isOld ? 'beginDeleteAndWait' : 'delete', step.path)
    case 'action': {
      const { name, isLong, path, body } = step
      const old = isLong ? `begin${name.charAt(0).toUpperCase()}${name.slice(1)}AndWait` : name
      return call(operations, isOld ? old : name, [...path, ...(body ? [body] : [])])
    }
    case 'list': {
      const entries: unknown[] = []
      for await (const entry of call(operations, 'list', step.path) as AsyncIterable<unknown>)
        entries.push(entry)
      return entries
    }
    default:
      throw step satisfies never
  }
}

function call(operations: Operations, name: string, parameters: readonly unknown[]): unknown {
  const operation = operations[name]
  if (!operation) throw new Error(`the SDK has no ${name}`)
  return operation.apply(operations, parameters as unknown[])
}

function givenToken(token: string): TokenCredential {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) }
}

async function makeGroup({ name, location }: Extract<Step, { readonly do: 'group' }>): Promise<unknown> {
  const { baseUrl, subscriptionId } = plan.place
  const token = await credentialOf(plan).getToken(`${baseUrl}/.default`)
  const path = `/subscriptions/${subscriptionId}/resourcegroups/${name}?api-version=2021-04-01`
  const answer = await fetch(`${baseUrl}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token?.token ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ location }),
  })
  if (!answer.ok) throw new Error(`the group was not made: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
