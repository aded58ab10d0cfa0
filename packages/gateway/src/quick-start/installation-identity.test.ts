import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureInstallationIdentity, type InstallationIdentity, withOwnId } from './installation-identity.ts'
import { prepareGateway } from './quick-start.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from './scratch-installation.suite.ts'

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TYPE = 'Microsoft.Network/virtualNetworkGateways'
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'
const OTHER = '99999999-2222-3333-4444-555555555555'

let installation: ScratchInstallation

beforeEach(async () => {
  installation = await scratchInstallation()
})

afterEach(() => installation.remove())

describe('the identity of an installation', () => {
  it('is made once, and the first gateway is in it', async () => {
    const { resource, tenancy } = await preparedGateway(installation, {}, INTERFACES)
    expect([tenancy.tenantId, tenancy.subscriptionId]).toEqual([
      expect.stringMatching(GUID),
      expect.stringMatching(GUID),
    ])
    expect(resource.id).toBe(
      `/subscriptions/${tenancy.subscriptionId}/resourceGroups/causeway/providers/${TYPE}/causeway`,
    )
    installation = await installation.reopen()
    expect(await ensureInstallationIdentity(installation)).toEqual(tenancy)
    expect((await installation.data.documents.read('installation/identity'))?.value).toEqual(tenancy)
  })

  it('is in the subscription of the gateway that an earlier version stored', async () => {
    const { resource } = await preparedGateway(installation, {}, INTERFACES)
    const id = `/subscriptions/${SUBSCRIPTION.toUpperCase()}/resourceGroups/hq/providers/${TYPE}/causeway`
    await installation.data.documents.write('gateways/causeway', { ...resource, id }, 1)
    await installation.data.documents.remove('installation/identity', 1)
    const again = await preparedGateway(installation, {}, INTERFACES)
    expect(again.tenancy.subscriptionId).toBe(SUBSCRIPTION)
    expect(again.resource.id).toBe(id)
  })

  it('is not made up by a document that is refused', async () => {
    const resource = { name: 'gw', properties: { vpnClientConfiguration: { vpnClientProtocols: ['PPTP'] } } }
    await expect(prepareGateway(installation, { resource }, INTERFACES)).rejects.toThrow(/PPTP/)
    expect(await installation.data.documents.read('installation/identity')).toBeUndefined()
  })
})

describe('a document of the operator', () => {
  const identity: InstallationIdentity = { tenantId: OTHER, subscriptionId: SUBSCRIPTION }
  const own = (group: string, name: string) =>
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${TYPE}/${name}`
  const of = (subscription: string, group: string, name: string) =>
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/${TYPE}/${name}`

  it.each([
    ['without anything', {}, own('causeway', 'causeway'), 'causeway'],
    ['with a name', { name: 'gw' }, own('causeway', 'gw'), 'gw'],
    ['of another subscription', { id: of(OTHER, 'prod', 'gw') }, own('prod', 'gw'), 'gw'],
    ['of ours', { id: own('prod', 'gw'), name: 'gw' }, own('prod', 'gw'), 'gw'],
    ['of ours, in another case', { id: own('Prod', 'GW'), name: 'gw' }, own('Prod', 'GW'), 'gw'],
    [
      'whose name is another than its id says',
      { id: own('prod', 'gw'), name: 'hq' },
      own('prod', 'hq'),
      'hq',
    ],
    ['with an id that is none', { id: 'gateway 1', name: 'gw' }, own('causeway', 'gw'), 'gw'],
  ])('%s is one of this installation', (_what, given, id, name) => {
    const properties = { customRoutes: { addressPrefixes: ['10.0.0.0/8'] } }
    const tags = { colour: 'green' }
    const resource = withOwnId({ ...given, tags, properties }, identity)
    expect(resource).toEqual({ id, name, tags, properties })
  })
})
