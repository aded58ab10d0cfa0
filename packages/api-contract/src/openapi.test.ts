import { describe, expect, it } from 'vitest'
import { ARM_OPERATIONS } from './arm/operations.ts'
import { type JsonObject, openApiDocument } from './openapi.ts'

const document = openApiDocument('https://gateway.example:8443', '1.2.3')

/** Every object in it, with where it is. */
function objectsOf(value: unknown, path = '#'): [string, Record<string, unknown>][] {
  if (Array.isArray(value)) return value.flatMap((part, i) => objectsOf(part, `${path}/${i}`))
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([name, part]) =>
    objectsOf(part, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
  return [[path, value as Record<string, unknown>], ...inner]
}

const objects = new Map(objectsOf(document))
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

describe('the OpenAPI document', () => {
  it('is JSON that holds nothing of TypeBox and none of our notes', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
    const notes = [...objects].filter(([path, object]) => {
      const isSchema = !path.endsWith('/properties')
      return (
        isSchema && ['~kind', 'names', 'reference', 'since', 'boundTo', 'secret'].some(name => name in object)
      )
    })
    expect(notes.map(([path]) => path)).toEqual([])
  })

  it('has every reference that it makes', () => {
    const references = [...objects.values()].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []))
    expect(references.length).toBeGreaterThan(300)
    expect(references.filter(reference => !objects.has(reference))).toEqual([])
  })

  it('covers every registered operation, under ids of their own', () => {
    const ids = operations.map(({ operation: { operationId } }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(
      [...ARM_OPERATIONS.map(({ id }) => id), 'Operations_Get', 'OperationResults_Get'].toSorted(),
    )
  })

  it('declares the parameters of each path, each once, and the api-version', () => {
    for (const { path, operation } of operations) {
      const { parameters } = operation as { parameters: readonly JsonObject[] }
      const inPath = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name)
      expect(inPath, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      expect(new Set(inPath).size, path).toBe(inPath.length)
      expect(parameters).toContainEqual({ $ref: '#/components/parameters/ApiVersion' })
    }
  })

  it('has no two paths that mean the same', () => {
    const shapes = Object.keys(document.paths).map(path => path.replace(/\{\w+\}/g, '{}').toLowerCase())
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  it('answers every operation: a success, and an error for the rest', () => {
    for (const { path, operation } of operations) {
      const { responses } = operation as { responses: JsonObject }
      const { default: failure } = responses
      expect(
        Object.keys(responses).some(status => status.startsWith('2')),
        path,
      ).toBe(true)
      expect(failure, path).toEqual({ $ref: '#/components/responses/Error' })
    }
  })

  it('has schemas whose required properties there are', () => {
    for (const [path, { required, properties }] of objects)
      if (Array.isArray(required) && typeof properties === 'object' && properties !== null)
        expect(Object.keys(properties), path).toEqual(expect.arrayContaining(required))
  })

  it('says of a model what the schema says: names, secrets, what is read only, what is newer', () => {
    expect(objects.get('#/components/schemas/IpsecPolicy/properties/dhGroup')).toMatchObject({
      type: 'string',
      enum: expect.arrayContaining(['DHGroup14', 'ECP384']),
    })
    expect(objects.get('#/components/schemas/RadiusServer/properties/radiusServerSecret')).toMatchObject({
      writeOnly: true,
    })
    const connection = '#/components/schemas/VirtualNetworkGatewayConnectionProperties/properties'
    expect(objects.get(`${connection}/provisioningState`)).toMatchObject({ readOnly: true })
    expect(objects.get(`${connection}/certificateAuthentication`)).toEqual({
      $ref: '#/components/schemas/CertificateAuthentication',
      description: 'Since 2025-03-01.',
    })
    expect(objects.get('#/components/schemas/CertificateAuthentication')).not.toHaveProperty('description')
  })

  it('asks for a token, and says where it is served', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { version: '1.2.3' },
      servers: [{ url: 'https://gateway.example:8443' }],
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    })
  })
})
