import type { LifeClients, Operations } from './life-clients.ts'
import type { LifeOutcome, LifeStep, WireError } from './life-plan.ts'

/** What the SDKs throw. */
interface SdkError {
  readonly statusCode?: number
  readonly code?: string
  readonly message: string
}

/** Does what a step says. */
export async function outcomeOf(clients: LifeClients, step: LifeStep): Promise<LifeOutcome> {
  clients.wire = { requests: [], error: {} }
  try {
    const value = shown(step.sdk === 'arm' ? await arm(clients, step) : await run(clients, step))
    return { type: 'value', value, requests: clients.wire.requests }
  } catch (error) {
    const { statusCode: status, code, message } = error as SdkError
    const { requests, error: wire } = clients.wire
    return { type: 'error', status, code, message, wire, requests }
  }
}

async function run(clients: LifeClients, step: LifeStep): Promise<unknown> {
  const operations = clients.operations(step)
  const name = nameOf(operations, step)
  const operation = operations[name]
  if (!operation) throw new Error(`${step.sdk} ${step.group} has no ${step.call}`)
  const parameters = step.with.map(read)
  const answer = operation.apply(operations, [...parameters, ...optionsOf(step)])
  if (isIterable(answer)) {
    const entries: unknown[] = []
    for await (const entry of answer) entries.push(entry)
    return entries
  }
  const value = await answer
  return isPoller(value) ? value.pollUntilDone() : value
}

/** Clients of the older generation have another name for what takes time. */
function nameOf(operations: Operations, { sdk, call }: LifeStep): string {
  const waiting = `begin${call.charAt(0).toUpperCase()}${call.slice(1)}AndWait`
  return sdk !== 'network39' && operations[waiting] ? waiting : call
}

function optionsOf({ sdk, headers }: LifeStep): readonly unknown[] {
  if (!headers) return []
  return [
    { requestOptions: sdk === 'network39' || sdk === 'keyvault' ? { headers } : { customHeaders: headers } },
  ]
}

/** A call that no SDK here has, or has not like this. */
async function arm(clients: LifeClients, step: LifeStep): Promise<unknown> {
  const { baseUrl } = clients.plan
  const [path, body] = step.with as [string, object?]
  if (step.call === 'TOKEN') return (await clients.credential(step.as).getToken(path))?.token
  const token = await clients.credential(step.as).getToken(`${baseUrl}/.default`)
  const url = path.startsWith('https:') ? path : `${baseUrl}${path}`
  const answer = await fetch(url, {
    method: step.call,
    headers: {
      authorization: `Bearer ${token?.token ?? ''}`,
      'content-type': 'application/json',
      ...step.headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  clients.note(step.call, url, answer.status, text)
  if (answer.ok) return text === '' ? null : JSON.parse(text)
  const { error } = JSON.parse(text || '{}') as { readonly error?: WireError }
  throw Object.assign(new Error(error?.message ?? text), { statusCode: answer.status, code: error?.code })
}

function read(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value
  return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'))
}

/** JSON of an answer, its bytes in base64. */
function shown(value: unknown): unknown {
  // A Buffer has made itself into something else before it is handed to the replacer.
  function replacer(this: Readonly<Record<string, unknown>>, name: string, inner: unknown): unknown {
    const before = this[name]
    return before instanceof Uint8Array ? Buffer.from(before).toString('base64') : inner
  }
  return JSON.parse(JSON.stringify(value ?? null, replacer))
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isPoller(value: unknown): value is { pollUntilDone(): Promise<unknown> } {
  return typeof value === 'object' && value !== null && 'pollUntilDone' in value
}
