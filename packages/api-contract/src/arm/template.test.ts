import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from '../document-fault.ts'
import { canonicalBody } from './document-shape.ts'
import { deploymentSchema, TEMPLATE_LIMITS } from './template.ts'

const resource = {
  type: 'Microsoft.Network/connections',
  name: 'c1',
  apiVersion: '2015-06-15',
  dependsOn: [],
  tags: {},
  properties: { connectionType: 'IPSec', expressRouteGatewayBypass: null },
}

function read(template: object, rest: object = {}) {
  return canonicalBody(deploymentSchema, { properties: { mode: 'incremental', template, ...rest } })
}

const template = {
  $schema: 'https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: { sharedKey: { type: 'SecureString', metadata: { description: 'the key' } } },
  variables: { a: [1, null] },
  resources: [resource],
  outputs: { resource: { type: 'object', value: "[reference('c1')]" } },
}

describe('a deployment', () => {
  it('of az is taken as it is, but for the spelling of names; what is in resources is nobody’s business yet', () => {
    const { value, faults } = read(template, { parameters: { sharedKey: { value: 'abc' } } })
    expect(faults).toEqual([])
    expect(value).toEqual({
      properties: {
        mode: 'Incremental',
        template: {
          ...template,
          parameters: { sharedKey: { ...template.parameters.sharedKey, type: 'securestring' } },
        },
        parameters: { sharedKey: { value: 'abc' } },
      },
    })
  })

  it.each([
    [{ resources: [] }, 'properties.template.contentVersion: is missing'],
    [{ contentVersion: '1.0.0.0' }, 'properties.template.resources: is missing'],
    [
      { ...template, resources: [{ type: 'T', name: 'n' }] },
      'properties.template.resources[0].apiVersion: is missing',
    ],
    [
      { ...template, parameters: { p: { type: 'float' } } },
      "properties.template.parameters.p.type: 'float' is not allowed; use one of string, securestring",
    ],
    [
      { ...template, resources: Array.from({ length: TEMPLATE_LIMITS.resources + 1 }, () => resource) },
      'must not have more than 800 items',
    ],
    [{ ...template, variables: [] }, 'properties.template.variables: a list is not an object'],
  ])('%#: says what is wrong', (broken, part) => {
    expect(read(broken).faults.map(formatDocumentFault).join('\n')).toContain(part)
  })

  it('says how resources are made', () => {
    const { faults } = canonicalBody(deploymentSchema, { properties: { mode: 'Later' } })
    expect(faults.map(formatDocumentFault)).toEqual([
      "properties.mode: 'Later' is not allowed; use one of Incremental, Complete",
    ])
  })
})
