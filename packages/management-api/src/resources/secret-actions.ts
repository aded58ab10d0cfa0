import { randomInt } from 'node:crypto'
import { type Call, idText } from '../call/call.ts'
import type { Refused } from '../envelope/answer.ts'
import { type Answer, isRefused } from '../envelope/answer.ts'
import { accepted, operationHeaders, type Stored } from './changing.ts'
import { type Body, isObject, propertiesOf, type Resource } from './document.ts'
import { lockKey } from './linked.ts'
import { entriesAt } from './schema-paths.ts'
import { judgeAndStore, presentResource } from './writing.ts'

/** What pre-shared keys are made of: what every device takes. */
const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `GET …/sharedkey`. A connection that never had one answers an empty text. */
export async function sharedKeyAnswer({ services }: Call, resource: Resource): Promise<Answer> {
  const { body } = await services.resources.bodiesOf(resource)
  const { sharedKey = '' } = propertiesOf(body)
  return { status: 200, body: { id: `${idText(resource.id)}/sharedKey`, value: sharedKey } }
}

/** `PUT …/sharedkey`. */
export async function setSharedKey(call: Call): Promise<Answer> {
  const { value } = call.body as { readonly value: string }
  const stored = await withSharedKey(call, value)
  if (isRefused(stored)) return stored.answer
  const { operation, resource } = stored
  return {
    status: 200,
    body: { id: `${idText(resource.id)}/sharedKey`, value },
    ...(operation && { headers: operationHeaders(call.baseUrl, operation, false) }),
  }
}

/** `POST …/sharedkey/reset`: another one, of so many characters. */
export async function resetSharedKey(call: Call): Promise<Answer> {
  const { keyLength } = call.body as { readonly keyLength: number }
  const key = Array.from({ length: keyLength }, () => KEY_LETTERS[randomInt(KEY_LETTERS.length)]).join('')
  const stored = await withSharedKey(call, key, { keyLength })
  if (isRefused(stored)) return stored.answer
  return stored.operation ? accepted(call.baseUrl, stored.operation) : { status: 200, body: { keyLength } }
}

/** `POST …/listRadiusSecrets`: of the only server, and of those in the list. */
export async function radiusSecretsAnswer({ services }: Call, resource: Resource): Promise<Answer> {
  const { body } = await services.resources.bodiesOf(resource)
  const { vpnClientConfiguration: configuration } = propertiesOf(body)
  const only: Body = isObject(configuration) ? configuration : {}
  const value = [only, ...entriesAt(only, 'radiusServers')].flatMap(server => {
    const { radiusServerAddress, radiusServerSecret } = server
    return radiusServerAddress === undefined ? [] : [{ radiusServerAddress, radiusServerSecret }]
  })
  return { status: 200, body: { value } }
}

async function withSharedKey(call: Call, sharedKey: string, result?: object): Promise<Stored | Refused> {
  return call.services.locks.holding({ changes: [lockKey(call.id)], relies: [] }, async () => {
    const present = await presentResource(call)
    if (isRefused(present)) return present
    const { resource, bodies } = present
    const body = { ...bodies.body, properties: { ...propertiesOf(bodies.body), sharedKey } }
    const change = { id: resource.id, former: resource, formerBodies: bodies, body, result }
    return judgeAndStore(call, change, call.definition)
  })
}
