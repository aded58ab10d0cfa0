import { errorSchema, operationStatusSchema } from './arm/operation.ts'
import { ARM_OPERATIONS, type ArmOperation } from './arm/operations.ts'
import type { QueryParameter } from './arm/resource-type.ts'
import type { ShapeNotes } from './arm/schema/shape.ts'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** An OpenAPI 3.1 document: JSON, to be written as it is. */
export interface OpenApiDocument extends JsonObject {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
  readonly components: JsonObject
}

/**
 * The OpenAPI document of the management plane, made of the registry of resource types: every operation, every model.
 *
 * @param server where it is served, as `https://gateway.example:8443`.
 * @param version of the gateway.
 */
export function openApiDocument(server: string, version: string): OpenApiDocument {
  const schemas = new Map<string, JsonObject>()
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const operation of ARM_OPERATIONS) {
    const methods = paths[operation.path] ?? {}
    methods[operation.method.toLowerCase()] = operationObject(operation, schemas)
    paths[operation.path] = methods
  }
  for (const [path, schema] of POLLING) {
    const id = path.includes('operationResults') ? 'OperationResults_Get' : 'Operations_Get'
    paths[path] = { get: pollingObject(id, path, schema && referTo(schema, schemas)) }
  }
  referTo(errorSchema, schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Causeway management plane',
      version,
      description: 'Azure Resource Manager as far as a VPN gateway needs it. Paths are compared in any case.',
    },
    servers: [{ url: server }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].sort(([one], [other]) => (one < other ? -1 : 1))),
      parameters: { ApiVersion: API_VERSION },
      headers: HEADERS,
      responses: {
        Error: {
          description: 'What is wrong, in `error.code`, `error.message` and `error.target`.',
          content: json({ $ref: '#/components/schemas/CloudError' }),
        },
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of the token service, or of the Entra tenant that the installation trusts.',
        },
      },
    },
  }
}

const LOCATION_PATH =
  '/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}/locations/{location}'

/** Where clients poll, and what is answered there: of the result, whatever the operation has. */
const POLLING = [
  [`${LOCATION_PATH}/operations/{operationId}`, operationStatusSchema],
  [`${LOCATION_PATH}/operationResults/{operationId}`, undefined],
] as const

const API_VERSION: JsonObject = {
  name: 'api-version',
  in: 'query',
  required: true,
  description: 'Any api-version that Azure has had for the provider.',
  schema: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}(-preview)?$' },
}

const HEADERS: JsonObject = {
  AsyncOperation: {
    description: 'Where the operation is polled.',
    schema: { type: 'string', format: 'uri' },
  },
  Location: {
    description: 'Where the result will be: 202 until it is there.',
    schema: { type: 'string', format: 'uri' },
  },
  RetryAfter: { description: 'Seconds to wait before polling.', schema: { type: 'integer' } },
}

function operationObject(operation: ArmOperation, schemas: Map<string, JsonObject>): JsonObject {
  const { id, type, right, path, body, isBodyOptional, query } = operation
  const [, action = ''] = id.split('_')
  const content = body && json(referTo(body, schemas))
  return {
    operationId: id,
    tags: [type],
    summary: `${action} of ${type}`,
    description: `Needs the right to \`${right}\`.`,
    parameters: [
      ...pathParameters(path),
      ...query.map(queryParameter),
      { $ref: '#/components/parameters/ApiVersion' },
    ],
    ...(content && { requestBody: { required: isBodyOptional !== true, content } }),
    responses: responsesOf(operation, schemas),
  }
}

/** What ARM's clients take as a success (facts of the SDKs), and the error for everything else. */
function responsesOf(
  { kind, result, longRunning }: ArmOperation,
  schemas: Map<string, JsonObject>,
): JsonObject {
  const failure = { default: { $ref: '#/components/responses/Error' } }
  const done = result
    ? { description: 'Done.', content: json(referTo(result, schemas)) }
    : { description: 'Done.' }
  const started = { description: 'Begun; poll.', headers: pollingHeaders(longRunning) }
  switch (kind) {
    case 'get':
    case 'list':
      return { 200: done, ...failure }
    case 'head':
      return { 204: { description: 'It is there.' }, 404: { description: 'It is not.' }, ...failure }
    case 'put': {
      const headers = longRunning && { headers: pollingHeaders(longRunning) }
      return { 200: { ...done, ...headers }, 201: { ...done, ...headers, description: 'Made.' }, ...failure }
    }
    case 'patch':
      return { 200: done, ...failure }
    case 'delete': {
      const gone = { 200: { description: 'Deleted.' }, 204: { description: 'There was none.' } }
      return { ...gone, ...(longRunning && { 202: started }), ...failure }
    }
    case 'action':
      return {
        [result ? 200 : longRunning ? 200 : 204]: done,
        ...(longRunning && { 202: started }),
        ...failure,
      }
    default:
      return kind satisfies never
  }
}

function pollingHeaders(longRunning: ArmOperation['longRunning']): JsonObject {
  return {
    'Azure-AsyncOperation': { $ref: '#/components/headers/AsyncOperation' },
    'Retry-After': { $ref: '#/components/headers/RetryAfter' },
    ...(longRunning === 'location' && { Location: { $ref: '#/components/headers/Location' } }),
  }
}

function pollingObject(id: string, path: string, schema: JsonObject | undefined): JsonObject {
  const answer = { description: 'How it stands.', ...(schema && { content: json(schema) }) }
  return {
    operationId: id,
    tags: ['operations'],
    summary: schema ? 'How a long-running operation stands' : 'What a long-running operation came to',
    parameters: [...pathParameters(path), { $ref: '#/components/parameters/ApiVersion' }],
    responses: {
      200: answer,
      ...(!schema && {
        202: { description: 'Not done yet; poll.', headers: pollingHeaders('location') },
        204: { description: 'Done, with nothing to answer.' },
      }),
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
    ...(name === 'scope' && { description: 'An id: its slashes are not encoded.', allowReserved: true }),
  }))
}

function queryParameter({ name, isRequired }: QueryParameter): JsonObject {
  return { name, in: 'query', required: isRequired === true, schema: { type: 'string' } }
}

function json(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } }
}

/** What an OpenAPI document says of a model by name; where it has none, the schema itself. */
function referTo(schema: object, schemas: Map<string, JsonObject>): JsonObject {
  const { title, readOnly, writeOnly, since } = schema as Notes
  if (title === undefined) return plain(schema, schemas)
  if (!schemas.has(title)) {
    // Its place is taken first: a model may be within itself.
    schemas.set(title, {})
    schemas.set(title, plain(schema, schemas))
  }
  return {
    $ref: `#/components/schemas/${title}`,
    ...(readOnly === true && { readOnly }),
    ...(writeOnly === true && { writeOnly }),
    ...(since !== undefined && { description: sinceText(since) }),
  }
}

function sinceText(version: string): string {
  return `Since ${version}.`
}

/** JSON Schema of a schema of ours: our notes are gone, names are an enumeration, models are references. */
function plain(schema: object, schemas: Map<string, JsonObject>): JsonObject {
  const { names, reference, since, key, secret, boundTo, properties, patternProperties, items, ...rest } =
    schema as Notes & Record<string, Json>
  // Of a model these are said beside the reference: they are of the property, not of the model.
  const { readOnly, writeOnly, ...shared } = rest
  return {
    ...(rest.title === undefined ? rest : shared),
    ...(names && { enum: names }),
    ...(since !== undefined && rest.title === undefined && { description: sinceText(since) }),
    ...(reference && { description: 'A reference: only `id` counts.' }),
    ...(properties && { properties: mapped(properties, schemas) }),
    ...(patternProperties && { additionalProperties: Object.values(mapped(patternProperties, schemas))[0] }),
    ...(items && { items: referTo(items, schemas) }),
  }
}

interface Notes extends ShapeNotes {
  readonly properties?: Readonly<Record<string, object>>
  readonly patternProperties?: Readonly<Record<string, object>>
  readonly items?: object
}

function mapped(parts: Readonly<Record<string, object>>, schemas: Map<string, JsonObject>): JsonObject {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, referTo(part, schemas)]))
}
