import type { SentRequest } from './life-plan.ts'

/** As much of an OpenAPI document as is looked at. */
export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly parameters?: readonly (OpenApiParameter | { readonly $ref: string })[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: unknown
}

/** Requests to the API for which a document has no operation, or not that answer. */
export function undocumented({ paths }: OpenApi, requests: readonly SentRequest[]): readonly string[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ pattern: patternOf(path), method, operation })),
  )
  const missing = requests.flatMap(({ method, path, status }) => {
    const found = operations.filter(
      each => each.method === method.toLowerCase() && each.pattern.test(decodeURIComponent(path)),
    )
    if (found.length === 0) return [`${method} ${path}`]
    const answers = found.some(({ operation: { responses } }) => status >= 400 || String(status) in responses)
    return answers ? [] : [`${method} ${path} answers ${status}`]
  })
  return [...new Set(missing)]
}

/** Paths are compared in any case; a scope is an id, with its slashes. */
function patternOf(path: string): RegExp {
  const words = path
    .split('/')
    .map(word => {
      if (word === '{scope}') return '.*'
      return word.startsWith('{') ? '[^/]+' : word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('/')
  // The root is a scope as well: then there is one slash and no word.
  return new RegExp(`^${words.replace('/.*/', '(?:/.*)?/')}$`, 'i')
}

/** Every `$ref` of a document that leads nowhere. */
export function danglingReferences(document: OpenApi): readonly string[] {
  const dangling = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value)) {
      if (name === '$ref' && typeof inner === 'string' && !resolves(document, inner)) dangling.add(inner)
      visit(inner)
    }
  }
  visit(document)
  return [...dangling]
}

function resolves(document: OpenApi, reference: string): boolean {
  if (!reference.startsWith('#/')) return false
  let at: unknown = document
  for (const word of reference.slice(2).split('/')) {
    const name = word.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false
    at = (at as Readonly<Record<string, unknown>>)[name]
  }
  return true
}
