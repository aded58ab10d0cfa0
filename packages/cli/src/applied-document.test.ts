import { describe, expect, it } from 'vitest'
import { readAppliedDocuments } from './applied-document.ts'

const GROUP = '/subscriptions/s/resourceGroups/Rg-One'
const address = { type: 'Microsoft.Network/publicIPAddresses', name: 'ip1', location: 'local' }
const network = { type: 'Microsoft.Network/virtualNetworks', name: 'net', location: 'local' }
const gateway = { type: 'microsoft.network/virtualnetworkgateways', name: 'gw', properties: {} }

const read = (...documents: unknown[]) => readAppliedDocuments(documents, false)

describe('one document', () => {
  it.each([{ nat: false }, { properties: { sku: {} } }, gateway])(
    '%j is for the gateway itself',
    document => {
      expect(read(document)).toEqual({ type: 'configuration', document })
    },
  )

  it.each([
    { $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#' },
    { contentVersion: '1.0.0.0', resources: [] },
  ])('%j is a template, and stays as it is', document => {
    expect(read(document)).toEqual({ type: 'template', document })
  })

  it('of any other resource is a template of that one, in the newest version of its provider', () => {
    expect(read(address)).toEqual({
      type: 'template',
      document: {
        $schema: expect.stringContaining('deploymentTemplate'),
        contentVersion: '1.0.0.0',
        resources: [{ ...address, apiVersion: '2026-01-01' }],
      },
    })
    const older = { ...address, apiVersion: '2020-11-01' }
    expect(read(older)).toMatchObject({ document: { resources: [older] } })
  })

  it('of a gateway is a resource too, where it has a group', () => {
    expect(readAppliedDocuments([gateway], true)).toMatchObject({
      type: 'template',
      document: { resources: [gateway] },
    })
  })

  it('that was read somewhere goes to its group and its parent', () => {
    const subnet = {
      type: 'Microsoft.Network/virtualNetworks/subnets',
      name: 'inside',
      id: `${GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/inside`,
      etag: 'W/"1"',
      properties: { addressPrefix: '10.1.0.0/24', sharedKey: '[secret]' },
    }
    const applied = read(subnet)
    expect(applied).toMatchObject({ group: 'Rg-One', document: { resources: [{ name: 'net/inside' }] } })
    const { resources } = (applied as unknown as { document: { resources: object[] } }).document
    const [resource = {}] = resources
    expect(Object.keys(resource).toSorted()).toEqual(['apiVersion', 'name', 'properties', 'type'])
    // What is shown of a secret is no expression.
    expect(resource).toMatchObject({ properties: { sharedKey: '[[secret]' } })
  })

  it.each([
    [null, 'is no object'],
    [[address], 'is no object'],
    [{ type: 'Microsoft.Network/publicIPAddresses' }, 'has no name'],
    [{ type: 7, name: 'x' }, 'has no type'],
    [{ type: 'Contoso.Thing/wheels', name: 'w' }, "has the type 'Contoso.Thing/wheels', of which nothing"],
    [{ contentVersion: '1.0.0.0', parameters: {} }, 'give them with --parameters'],
    [{ ...address, id: 'ip1' }, 'has an id that is none'],
    [{ ...address, id: `${GROUP}/providers/Microsoft.Network/virtualNetworks/ip1` }, 'id of another type'],
    [{ ...address, id: `${GROUP}/providers/Microsoft.Network/publicIPAddresses/ip2` }, 'id of another name'],
  ])('%j is refused', (document, problem) => {
    expect(read(document)).toMatchObject({ type: 'bad', problem: expect.stringContaining(problem) })
  })
})

describe('several documents', () => {
  it('are one template, each waiting for the one before unless it says for what', () => {
    const apart = { ...gateway, dependsOn: [] }
    expect(read(network, address, apart)).toMatchObject({
      type: 'template',
      document: {
        resources: [
          network,
          { ...address, dependsOn: ["[resourceId('Microsoft.Network/virtualNetworks', 'net')]"] },
          apart,
        ],
      },
    })
    expect(read(network)).not.toHaveProperty('document.resources.0.dependsOn')
  })

  it('of groups are a template of the subscription, and are apart from what is in them', () => {
    const group = { type: 'Microsoft.Resources/resourceGroups', name: 'rg', location: 'local' }
    expect(read({ ...group, id: '/subscriptions/s/resourceGroups/rg' })).toEqual({
      type: 'template',
      document: expect.objectContaining({
        $schema: expect.stringContaining('subscriptionDeploymentTemplate'),
      }),
    })
    expect(read(group, address)).toMatchObject({
      type: 'bad',
      problem: expect.stringContaining('of their own'),
    })
  })

  it.each([
    [{ nat: false }, 'document 2 has no type; a gateway without one, and settings, need their own file'],
    [{ properties: {} }, 'document 2 has no type'],
    [{ contentVersion: '1.0.0.0', resources: [] }, 'document 2 is a template'],
  ])('are refused with %j among them', (document, problem) => {
    expect(read(address, document)).toMatchObject({ type: 'bad', problem: expect.stringContaining(problem) })
  })

  it('are refused when their ids are of several groups', () => {
    const id = (group: string, name: string) =>
      `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.Network/publicIPAddresses/${name}`
    const other = { ...address, name: 'ip2', id: id('two', 'ip2') }
    expect(read({ ...address, id: id('one', 'ip1') }, other)).toMatchObject({ type: 'bad' })
    expect(read({ ...address, id: id('TWO', 'ip1') }, other)).toMatchObject({ type: 'template' })
  })
})
