/** What a secret prints as, wherever a document is shown. */
export const SECRET_TEXT = '[secret]'

/** Properties of ARM documents whose values are secrets. */
const SECRET_PROPERTIES: ReadonlySet<string> = new Set(['radiusServerSecret'])

/** Whether the value of such a property may not be shown. */
export function isSecretProperty(name: string): boolean {
  return SECRET_PROPERTIES.has(name)
}

/** Secrets of RADIUS servers by address, in lower case. */
export type RadiusSecrets = ReadonlyMap<string, string>

/** A copy of a JSON document to be shown: each of its secrets reads {@link SECRET_TEXT}. */
export function withoutSecrets<Document>(document: Document): Document {
  return mapObjects(document, object =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        const isSecret = isSecretProperty(name) && value !== null && value !== undefined
        return [name, isSecret ? SECRET_TEXT : value]
      }),
    ),
  )
}

/** The secrets of a document, to be kept apart from it. Of two for one address the last counts. */
export function secretsOf(document: unknown): RadiusSecrets {
  const secrets = new Map<string, string>()
  mapObjects(document, object => {
    const { radiusServerAddress: address, radiusServerSecret: secret } = object
    if (typeof address === 'string' && isTold(secret)) secrets.set(address.toLowerCase(), secret)
    return object
  })
  return secrets
}

/**
 * A copy of a document in which every server whose secret is not told has the one that is known for its address: a
 * document that was shown, or that ARM answered, can be given back as it is.
 */
export function withSecrets<Document>(document: Document, secrets: RadiusSecrets): Document {
  return mapObjects(document, object => {
    const { radiusServerAddress: address, radiusServerSecret: told } = object
    const known =
      typeof address === 'string' && !isTold(told) ? secrets.get(address.toLowerCase()) : undefined
    return known === undefined ? object : { ...object, radiusServerSecret: known }
  })
}

function isTold(secret: unknown): secret is string {
  return typeof secret === 'string' && secret !== '' && secret !== SECRET_TEXT
}

type JsonObject = Readonly<Record<string, unknown>>

/** A copy of a JSON value, each object of which was changed, the inner ones first. */
function mapObjects<Value>(value: Value, change: (object: JsonObject) => JsonObject): Value {
  const copy = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(copy)
    if (typeof part !== 'object' || part === null) return part
    return change(Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, copy(inner)])))
  }
  return copy(value) as Value
}
