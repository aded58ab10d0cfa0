import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Credential,
  createAuthority,
  issue,
  publicCertData,
  thumbprint,
} from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import { type Namespace, runIn, runInOk } from '../harness/namespace.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { expectInside } from '../harness/scenario.ts'
import type { Strongswan } from '../harness/strongswan.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { clientConfiguration, LifeBodies } from './life-bodies.ts'
import { type OpenApi, undocumented } from './life-openapi.ts'
import {
  CHILD,
  fetchPackage,
  type LifePackage,
  startOpenVpn,
  startStrongswan,
  urlIn,
} from './life-package.ts'
import { SdkProgram } from './life-sdk.ts'
import { SDK_VERSIONS } from './network-plan.ts'

// The whole life of a point-to-site gateway by Azure's own SDK, with the tunnels that its packages make.

const GATEWAYS = 'virtualNetworkGateways'

let scenario: ManagedScenario
let sdks: SdkProgram
let root: Credential
let [alice, bob]: Credential[] = []

beforeAll(async () => {
  scenario = await openManaged(2)
  sdks = await SdkProgram.start(scenario)
  root = await createAuthority('Life Root')
  alice = await issue(root, { commonName: 'alice' })
  bob = await issue(root, { commonName: 'bob' })
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

describe.each(SDK_VERSIONS)('a gateway by @azure/arm-network %s', version => {
  const sdk = `network${version}` as const
  const group = `life${version}`
  const at = [group, 'gw']
  let bodies: LifeBodies
  let clients: object
  let given: LifePackage
  let openvpn: OpenVpnClient
  let strongswan: Strongswan

  const put = (changes: object) =>
    sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, bodies.gateway(changes)])
  const namespace = (index: number): Namespace => scenario.topology.clients[index] as Namespace

  beforeAll(() => {
    bodies = new LifeBodies(scenario.place, group)
    clients = clientConfiguration(publicCertData(root))
  })

  it('is made with what it needs', async () => {
    await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
    const network = await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [group, 'net', bodies.network()])
    expect(network).toMatchObject({ provisioningState: 'Succeeded', subnets: [{ name: 'GatewaySubnet' }] })
    const address = await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [
      group,
      'pip',
      bodies.publicAddress(),
    ])
    expect(address).toMatchObject({ ipAddress: ADDRESSES.gateway })
    const made = await put({ vpnClientConfiguration: clients, tags: { team: 'one' } })
    expect(made).toMatchObject({ name: 'gw', provisioningState: 'Succeeded', sku: { name: 'VpnGw1' } })
    expect(await sdks.call(sdk, `${GATEWAYS}.get`, at)).toEqual(made)
    expect(await sdks.call(sdk, `${GATEWAYS}.list`, [group])).toEqual([made])
    const [first] = await sdks.call(sdk, 'publicIPAddresses.list', [group])
    expect(first.ipConfiguration.id).toBe(`${made.id}/ipConfigurations/default`)
  })

  it('has tags', async () => {
    const tags = { team: 'two' }
    const tagged = await sdks.call(sdk, `${GATEWAYS}.updateTags`, [...at, { tags }])
    expect(tagged).toMatchObject({ tags, provisioningState: 'Succeeded' })
  })

  it('gives a package by a URL without a token', async () => {
    const parameters = { authenticationMethod: 'EAPTLS' }
    for (const action of ['generatevpnclientpackage', 'generateVpnProfile', 'getVpnProfilePackageUrl']) {
      const body = action === 'getVpnProfilePackageUrl' ? [] : [parameters]
      const answer = await sdks.call(sdk, `${GATEWAYS}.${action}`, [...at, ...body])
      given = await fetchPackage(namespace(0), urlIn(answer), scenario.place.authority)
      expect(given.files, action).toContain('OpenVPN/vpnconfig.ovpn')
      expect(given.files, action).toContain('Generic/VpnSettings.xml')
    }
  })

  it('lets openvpn and strongSwan in with the package', async () => {
    openvpn = startOpenVpn(given, alice as Credential, namespace(0))
    await openvpn.connected()
    await expectInside(openvpn)
    strongswan = await startStrongswan(given, bob as Credential, namespace(1))
    await strongswan.initiate(CHILD)
    await expectInside(strongswan)
  })

  it('tells who is connected', async () => {
    const { value } = await sdks.call(sdk, `${GATEWAYS}.getVpnclientConnectionHealth`, at)
    const byUser = new Map(value.map((each: { vpnUserName: string }) => [each.vpnUserName, each]))
    for (const [index, name] of ['alice', 'bob'].entries())
      expect(byUser.get(name), name).toMatchObject({
        publicIpAddress: expect.stringContaining(clientAddress(index)),
        privateIpAddress: expect.stringMatching(/^172\.16\.201\.\d+$/),
      })
    for (const { egressBytesTransferred, ingressBytesTransferred } of value) {
      expect(egressBytesTransferred).toBeGreaterThan(0)
      expect(ingressBytesTransferred).toBeGreaterThan(0)
    }
  })

  it('changes without dropping anybody', async () => {
    const [ofOpenVpn, ofStrongswan] = [openvpn.process.mark(), strongswan.process.mark()]
    const pool = { addressPrefixes: ['172.16.200.0/23'] }
    const changed = await put({
      vpnClientConfiguration: { ...clients, vpnClientAddressPool: pool },
      customRoutes: { addressPrefixes: ['10.55.0.0/16'] },
    })
    expect(changed).toMatchObject({ customRoutes: { addressPrefixes: ['10.55.0.0/16'] } })
    expect(changed.vpnClientConfiguration.vpnClientAddressPool).toEqual(pool)
    await expectInside(openvpn)
    await expectInside(strongswan)
    expect(openvpn.process.log(ofOpenVpn)).not.toMatch(/SIGUSR1|Restart|AUTH_FAILED/)
    expect(strongswan.process.log(ofStrongswan)).not.toMatch(/DELETE/)
  })

  it('takes back what it has answered, and nobody is dropped', async () => {
    const [ofOpenVpn, ofStrongswan] = [openvpn.process.mark(), strongswan.process.mark()]
    const read = await sdks.call(sdk, `${GATEWAYS}.get`, at)
    const back = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, read])
    expect(withoutEtags(back)).toEqual(withoutEtags(read))
    await expectInside(openvpn)
    await expectInside(strongswan)
    expect(openvpn.process.log(ofOpenVpn)).not.toMatch(/SIGUSR1|Restart|AUTH_FAILED/)
    expect(strongswan.process.log(ofStrongswan)).not.toMatch(/DELETE/)
  })

  it('follows its network', async () => {
    const mark = openvpn.process.mark()
    const wider = {
      addressSpace: { addressPrefixes: ['10.1.0.0/16', '10.9.0.0/16'] },
      dhcpOptions: { dnsServers: ['10.9.0.4'] },
    }
    await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [group, 'net', bodies.network(wider)])
    await expectInside(openvpn)
    expect(openvpn.process.log(mark)).not.toMatch(/SIGUSR1|SIGTERM|Restart|AUTH_FAILED/)
    openvpn.process.signal('SIGUSR1')
    await openvpn.connected(20_000, mark)
    const { reply } = openvpn.lease(mark)
    for (const pushed of ['route 10.9.0.0 255.255.0.0', 'route 10.55.0.0 255.255.0.0', 'DNS 10.9.0.4'])
      expect(reply).toContain(pushed)
    await expectInside(openvpn)
  })

  it('ends the session that is disconnected, and no other', async () => {
    const mark = strongswan.process.mark()
    const id = await sessionOf('bob')
    await sdks.call(sdk, `${GATEWAYS}.disconnectVirtualNetworkGatewayVpnConnections`, [
      ...at,
      { vpnConnectionIds: [id] },
    ])
    await strongswan.waitFor(/received DELETE for IKE_SA/, 2_000, mark)
    await expectInside(openvpn)
    await expect(sessionOf('bob')).rejects.toThrow('no session')
    await strongswan.initiate(CHILD)
    await expectInside(strongswan)
  })

  it('ends the session of a certificate that is revoked, and lets it in no more', async () => {
    const mark = openvpn.process.mark()
    const revoked = { name: 'alice', thumbprint: await thumbprint(alice as Credential) }
    await put({ vpnClientConfiguration: { ...clients, vpnClientRevokedCertificates: [revoked] } })
    await openvpn.waitFor(/AUTH_FAILED|SIGTERM|SIGUSR1|Connection reset/, 5_000, mark)
    await openvpn.stop()
    await expectInside(strongswan)
    const again = startOpenVpn(given, alice as Credential, namespace(0))
    await scenario.gateway.logged(/alice.*revoked|revoked.*alice/i, 20_000)
    expect(again.process.log()).not.toMatch(/Initialization Sequence Completed/)
    await again.stop()
    await expect(sessionOf('alice')).rejects.toThrow('no session')
    await sessionOf('bob')
  })

  it('has parameters of IPsec', async () => {
    const parameters = {
      saLifeTimeSeconds: 86_472,
      saDataSizeKilobytes: 429_497,
      ipsecEncryption: 'AES256',
      ipsecIntegrity: 'SHA256',
      ikeEncryption: 'AES256',
      ikeIntegrity: 'SHA384',
      dhGroup: 'DHGroup24',
      pfsGroup: 'PFS24',
    }
    const before = await sdks.call(sdk, `${GATEWAYS}.getVpnclientIpsecParameters`, at)
    expect(before).toMatchObject({ saLifeTimeSeconds: expect.any(Number), ikeEncryption: expect.any(String) })
    const wanted = { ...parameters, dhGroup: 'ECP384', pfsGroup: 'ECP384' }
    const set = await sdks.call(sdk, `${GATEWAYS}.setVpnclientIpsecParameters`, [...at, wanted])
    expect(set).toMatchObject(wanted)
    const after = await sdks.call(sdk, `${GATEWAYS}.getVpnclientIpsecParameters`, at)
    expect(after).toMatchObject(wanted)
  })

  it('ends all sessions when it is reset', async () => {
    const mark = strongswan.process.mark()
    expect(await sdks.call(sdk, `${GATEWAYS}.reset`, at)).toMatchObject({ name: 'gw' })
    await strongswan.waitFor(/received DELETE for IKE_SA/, 5_000, mark)
    await strongswan.initiate(CHILD)
  })

  it('ends sessions and listeners without a point-to-site configuration, and has them again with one', async () => {
    const mark = strongswan.process.mark()
    expect(await listening()).toEqual(['tcp 443', 'udp 443', 'udp 4500', 'udp 500'])
    const without = await put({})
    expect(without.vpnClientConfiguration).toBeUndefined()
    await strongswan.waitFor(/received DELETE for IKE_SA/, 5_000, mark)
    await strongswan.stop()
    expect(await listening()).toEqual([])
    const refused = await runIn(namespace(0), 'curl', ['-s', `https://${ADDRESSES.gateway}:443/`])
    expect(refused.code, 'curl: refused').toBe(7)
    const packageOfNone = await sdks.refused(sdk, `${GATEWAYS}.getVpnProfilePackageUrl`, at)
    expect(packageOfNone).toMatchObject({ code: 'Conflict', target: 'properties.vpnClientConfiguration' })
    await put({ vpnClientConfiguration: clients })
    expect(await listening()).toEqual(['tcp 443', 'udp 443', 'udp 4500', 'udp 500'])
    openvpn = startOpenVpn(given, bob as Credential, namespace(0))
    await openvpn.connected()
    await expectInside(openvpn)
  })

  it('ends with everything that was made for it', async () => {
    const mark = openvpn.process.mark()
    await sdks.call(sdk, `${GATEWAYS}.delete`, at)
    await openvpn.waitFor(/SIGTERM|SIGUSR1|Connection reset/, 5_000, mark)
    await openvpn.stop()
    expect(await listening()).toEqual([])
    expect(await sdks.refused(sdk, `${GATEWAYS}.get`, at)).toMatchObject({ status: 404 })
    await sdks.call(sdk, 'publicIPAddresses.delete', [group, 'pip'])
    await sdks.call(sdk, 'virtualNetworks.delete', [group, 'net'])
    await sdks.call('arm', '.DELETE', [bodies.groupPath])
  })

  async function sessionOf(user: string): Promise<string> {
    const { value } = await sdks.call(sdk, `${GATEWAYS}.getVpnclientConnectionHealth`, at)
    const found = value.find((each: { vpnUserName: string }) => each.vpnUserName === user)
    if (!found) throw new Error(`no session of ${user} among ${JSON.stringify(value)}`)
    return found.vpnConnectionId
  }
})

it('the OpenAPI document has all that was asked', async () => {
  const document = (await sdks.call('arm', '.GET', ['/openapi.json'])) as OpenApi
  const asked = sdks.requests.filter(({ path }) => path !== '/openapi.json')
  expect(asked.length).toBeGreaterThan(100)
  expect(undocumented(document, asked)).toEqual([])
})

/** Ports that clients of a gateway are served at, as the gateway's machine says. */
async function listening(): Promise<readonly string[]> {
  const text = await runInOk(scenario.topology.gateway, 'ss', ['-Hlntu'])
  const ports = text
    .split('\n')
    .map(line => /^(tcp|udp).*?:(443|500|4500)\s/.exec(line))
    .flatMap(found => (found ? [`${found[1]} ${found[2]}`] : []))
  return [...new Set(ports)].sort()
}

/** A resource as it is in any version. */
function withoutEtags(resource: object): unknown {
  return JSON.parse(JSON.stringify(resource, (name, value: unknown) => (name === 'etag' ? undefined : value)))
}
