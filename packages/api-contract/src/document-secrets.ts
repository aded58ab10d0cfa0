/** What a secret prints as, wherever a document is shown. */
export const SECRET_TEXT = '[secret]'

/** Properties of documents whose values are secrets. */
const SECRET_PROPERTIES: ReadonlySet<string> = new Set(['radiusServerSecret', 'clientSecret'])

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
        const isShown = !isSecretProperty(name) || value === null || value === undefined || value === ''
        return [name, isShown ? value : SECRET_TEXT]
      }),
    ),
  )
}

/**
 * The secrets of a document, to be kept apart from it. Of two for one address the one in `radiusServers` counts, as it
 * does for the gateway: it is further inside than the resource's only server.
 */
export function secretsOf(document: unknown): RadiusSecrets {
  const secrets = new Map<string, string>()
  mapObjects(document, object => {
    const { radiusServerAddress: address, radiusServerSecret: secret } = object
    if (typeof address !== 'string' || typeof secret !== 'string' || isUntold(secret)) return object
    const name = address.toLowerCase()
    if (!secrets.has(name)) secrets.set(name, secret)
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
      typeof address === 'string' && isUntold(told) ? secrets.get(address.toLowerCase()) : undefined
    return known === undefined ? object : { ...object, radiusServerSecret: known }
  })
}

/** Anything else of the wrong type is not for us to mend: the check of the document's shape names it. */
function isUntold(secret: unknown): boolean {
  return secret === undefined || secret === null || secret === '' || secret === SECRET_TEXT
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
