/** What a secret prints as, wherever a document is shown. */
export const SECRET_TEXT = '[secret]'

/** A secret in a document, and the property beside it that says whose it is. */
interface SecretKind {
  readonly owner: string
  readonly secret: string
  /** One name for what is the same. */
  readonly nameOf: (owner: string) => string
  /** Whether a secret that is left out is the one that is known: ARM answers without any. */
  readonly isLeftOut: boolean
}

const KINDS: readonly SecretKind[] = [
  {
    owner: 'radiusServerAddress',
    secret: 'radiusServerSecret',
    nameOf: owner => owner.toLowerCase(),
    isLeftOut: true,
  },
  // A client without a secret is a public one.
  { owner: 'clientId', secret: 'clientSecret', nameOf: owner => owner, isLeftOut: false },
]

/** Secrets of other documents than the gateway's, which keep them by their schemas (`writeOnly`). */
const FURTHER_SECRETS = ['sharedKey', 'authorizationKey', 'sasUrl'] as const

const SECRET_PROPERTIES: ReadonlySet<string> = new Set([
  ...KINDS.map(({ secret }) => secret),
  ...FURTHER_SECRETS,
])

/** Whether the value of such a property may not be shown. */
export function isSecretProperty(name: string): boolean {
  return SECRET_PROPERTIES.has(name)
}

/** Secrets of a document: of RADIUS servers by address, in lower case, or of a provider's client by its id. */
export type DocumentSecrets = ReadonlyMap<string, string>

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
export function secretsOf(document: unknown): DocumentSecrets {
  const secrets = new Map<string, string>()
  mapObjects(document, object => {
    for (const { owner, secret, nameOf } of KINDS) {
      const [whose, told] = [object[owner], object[secret]]
      if (typeof whose !== 'string' || typeof told !== 'string' || isUntold(told)) continue
      if (!secrets.has(nameOf(whose))) secrets.set(nameOf(whose), told)
    }
    return object
  })
  return secrets
}

/**
 * A copy of a document in which every owner whose secret is not told has the one that is known: a document that was
 * shown, or that ARM answered, can be given back as it is.
 */
export function withSecrets<Document>(document: Document, secrets: DocumentSecrets): Document {
  return mapObjects(document, object => {
    const found = KINDS.flatMap(({ owner, secret, nameOf, isLeftOut }) => {
      const [whose, told] = [object[owner], object[secret]]
      const isWanted = isLeftOut ? isUntold(told) : told === SECRET_TEXT
      const known = typeof whose === 'string' && isWanted ? secrets.get(nameOf(whose)) : undefined
      return known === undefined ? [] : [[secret, known]]
    })
    return found.length === 0 ? object : { ...object, ...Object.fromEntries(found) }
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
