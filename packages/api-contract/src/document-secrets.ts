/** What a secret prints as, wherever a document is shown. */
export const SECRET_TEXT = '[secret]'

/** Properties of ARM documents whose values are secrets. */
const SECRET_PROPERTIES: ReadonlySet<string> = new Set(['radiusServerSecret'])

/** Whether the value of such a property may not be shown. */
export function isSecretProperty(name: string): boolean {
  return SECRET_PROPERTIES.has(name)
}

/** A copy of a JSON document to be shown: each of its secrets reads {@link SECRET_TEXT}. */
export function withoutSecrets<Document>(document: Document): Document {
  return copyOf(document) as Document
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(name, inner)]))
}

function shown(name: string, value: unknown): unknown {
  return isSecretProperty(name) && value !== null && value !== undefined ? SECRET_TEXT : copyOf(value)
}
