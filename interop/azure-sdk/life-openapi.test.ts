import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import { runInOk } from '../harness/namespace.ts'
import { danglingReferences, type OpenApi, type OpenApiOperation } from './life-openapi.ts'

// The OpenAPI document that `causeway up` serves, looked into without our own code.

let scenario: ManagedScenario
let document: OpenApi

beforeAll(async () => {
  scenario = await openManaged(1)
  const { topology, place } = scenario
  const [namespace] = topology.clients
  if (!namespace) throw new Error('no client namespace')
  const url = `${place.baseUrl}/openapi.json`
  const text = await runInOk(namespace, 'curl', ['--silent', '--fail', '--cacert', place.authority, url])
  document = JSON.parse(text) as OpenApi
})

afterAll(() => scenario?.close())

const operations = (): (readonly [string, OpenApiOperation])[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map(operation => [path, operation] as const),
  )

test('it is OpenAPI 3.1, with operations that have names of their own', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/)
  expect(document.info.title).not.toBe('')
  expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/)
  const methods = Object.values(document.paths).flatMap(Object.keys)
  expect(new Set(methods)).toEqual(new Set(['get', 'put', 'patch', 'delete', 'post', 'head']))
  const ids = operations().map(([, { operationId }]) => operationId)
  expect(ids.length).toBeGreaterThan(80)
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
})

test('every reference in it leads somewhere', () => {
  expect(danglingReferences(document)).toEqual([])
  const nowhere = { Nowhere: { $ref: '#/components/schemas/Nothing' } }
  expect(danglingReferences({ ...document, components: { ...document.components, nowhere } })).toEqual([
    '#/components/schemas/Nothing',
  ])
})

test('every word in braces of a path is a parameter, and every parameter of a path is in it', () => {
  for (const [path, { operationId, parameters = [] }] of operations()) {
    const words = [...path.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)
    const named = parameters.flatMap(each => ('in' in each && each.in === 'path' ? [each.name] : []))
    expect(named.sort(), operationId).toEqual(words.sort())
    expect(parameters.every(each => '$ref' in each || each.in !== 'path' || each.required === true)).toBe(
      true,
    )
  }
})

test('every operation has answers, each with a description, and the error', () => {
  for (const [, { operationId, responses }] of operations()) {
    const entries = Object.entries(responses)
    expect(entries.filter(([status]) => /^2\d\d$/.test(status)).length, operationId).toBeGreaterThan(0)
    expect(new Map(entries).get('default'), operationId).toEqual({ $ref: '#/components/responses/Error' })
    for (const [status, { description, $ref }] of entries)
      expect(description ?? $ref, `${operationId} ${status}`).toBeTruthy()
  }
})

test('schemas say of each property what it is', () => {
  const { schemas = {} } = document.components
  expect(Object.keys(schemas)).toContain('VirtualNetworkGateway')
  for (const [name, schema] of Object.entries(schemas)) {
    expect(schema, name).toBeTypeOf('object')
    expect(Object.keys(schema as object).length, name).toBeGreaterThan(0)
  }
})
