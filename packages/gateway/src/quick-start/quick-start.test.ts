import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatIpPrefix } from '@causeway/wire'
import { createTrustStore, describeCertificate, readCertificates } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ipv6Pool } from './first-documents.ts'
import { ensureInstallationIdentity } from './installation-identity.ts'
import { type PreparedGateway, prepareGateway, type StartOptions, unusedOptions } from './quick-start.ts'
import {
  INTERFACES,
  NO_INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from './scratch-installation.suite.ts'

const DAY = 86_400

let installation: ScratchInstallation
let first: PreparedGateway

beforeAll(async () => {
  installation = await scratchInstallation()
  first = await preparedGateway(installation, {}, INTERFACES)
})

afterAll(() => installation.remove())

function serverCertificate({ identity }: PreparedGateway) {
  const [der] = readCertificates(identity.certificateChain)
  return { der: der as Uint8Array, ...describeCertificate(der as Uint8Array) }
}

describe('the first start', () => {
  it('listens on the ports of all three tunnel types, with pools of both families and the connected network inside', () => {
    const { listeners, pool, insidePrefixes } = first.configuration
    const services = listeners.map(({ service, local }) => `${service} ${local.port}`)
    const all = ['openvpn 443', 'shared 443', 'ike 500', 'ike-esp 4500', 'esp 0']
    expect(new Set(services)).toEqual(new Set(all))
    expect([...first.configuration.tunnels].toSorted()).toEqual(['IkeV2', 'OpenVPN', 'SSTP'])
    expect(listeners).toHaveLength(10)
    expect(pool.ipv4 && formatIpPrefix(pool.ipv4)).toBe('172.16.201.0/24')
    expect(pool.ipv6 && formatIpPrefix(pool.ipv6)).toMatch(/^fd[0-9a-f:]+:c9::\/64$/)
    expect(insidePrefixes.map(formatIpPrefix)).toEqual(['10.9.0.0/24'])
  })

  it("has a server certificate that its own CA signed, named after the gateway's GUID", () => {
    const { der, commonName, subjectAltNames } = serverCertificate(first)
    const guid = first.resource.properties.resourceGuid
    expect(commonName).toBe(`${guid}.vpn.causeway.internal`)
    expect(subjectAltNames).toContainEqual({ type: 'ip', value: '10.9.0.5' })
    const trust = createTrustStore({ roots: [first.authority.certificate] })
    expect(trust.verify({ leaf: der, intermediates: [], time: NOW, purpose: 'server' }).valid).toBe(true)
  })

  it('puts the CA certificate where people find it', async () => {
    const text = await readFile(join(installation.data.path, 'ca.pem'), 'utf8')
    expect(readCertificates(text)).toEqual([first.authority.certificate])
  })

  it('has keys of the right lengths', () => {
    const { tlsAuthKey, tlsCryptKey, tlsCryptV2ServerKey } = first.identity
    expect([tlsAuthKey, tlsCryptKey, tlsCryptV2ServerKey].map(key => key.length)).toEqual([256, 256, 128])
    expect(tlsAuthKey).not.toEqual(tlsCryptKey)
  })
})

describe('a later start', () => {
  it('has the same certificates, keys and documents', async () => {
    installation = await installation.reopen()
    const again = await preparedGateway(installation, {}, NO_INTERFACES)
    expect(again).toEqual(first)
  })

  it('renews the server certificate in time, with the same name and key', async () => {
    const later = { ...installation, unixSeconds: () => NOW + 780 * DAY }
    const renewed = await preparedGateway(later, {}, INTERFACES)
    expect(serverCertificate(renewed).notAfter).toBeGreaterThan(NOW + 1_500 * DAY)
    expect(serverCertificate(renewed).commonName).toBe(serverCertificate(first).commonName)
    expect(renewed.identity.privateKey).toBe(first.identity.privateKey)
  })

  it('keeps what is given for the starts after it', async () => {
    const options: StartOptions = {
      listen: '192.0.2.1:1194',
      insidePrefixes: ['10.77.0.0/16'],
      addressPool: ['10.78.0.0/24'],
    }
    await preparedGateway(installation, options, INTERFACES)
    const { configuration, settings, identity } = await preparedGateway(installation, {}, INTERFACES)
    expect(configuration.listeners.map(({ local }) => local.port)).toEqual([1194, 1194, 500, 4500, 0])
    expect(configuration.insidePrefixes.map(formatIpPrefix)).toEqual(['10.77.0.0/16'])
    expect(configuration.pool.ipv6).toBeUndefined()
    expect(settings.hostNames).toEqual(['192.0.2.1'])
    const [der] = readCertificates(identity.certificateChain)
    expect(describeCertificate(der as Uint8Array).subjectAltNames).toContainEqual({
      type: 'ip',
      value: '192.0.2.1',
    })
  })

  it('does not take away the name that a gateway was given', async () => {
    await preparedGateway(installation, { hostNames: ['vpn.example.org'] }, INTERFACES)
    const { settings } = await preparedGateway(installation, { listen: '192.0.2.2' }, INTERFACES)
    expect(settings.hostNames).toEqual(['vpn.example.org'])
  })

  it('keeps the GUID when another resource is given', async () => {
    const { resourceGuid, ...properties } = first.resource.properties
    const { resource } = await preparedGateway(
      installation,
      { resource: { name: 'other', properties } },
      INTERFACES,
    )
    expect(resource.name).toBe('other')
    expect(resource.properties.resourceGuid).toBe(resourceGuid)
  })

  it('stores nothing of a configuration that is refused', async () => {
    const before = await installation.data.documents.read('settings/causeway')
    const options = { insidePrefixes: ['10.0.0.0/8'], addressPool: ['10.78.0.0/24'] }
    await expect(preparedGateway(installation, options, INTERFACES)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining('10.78.0.0/24 overlaps the inside network 10.0.0.0/8'),
    })
    expect(await installation.data.documents.read('settings/causeway')).toEqual(before)
  })
})

describe('an installation without a gateway', () => {
  let idle: ScratchInstallation

  beforeAll(async () => {
    idle = await scratchInstallation()
  })

  afterAll(() => idle.remove())

  it('is made when none is wanted, with its own authority and settings', async () => {
    const made = await prepareGateway(idle, { gateway: 'none' }, INTERFACES)
    expect(made.resource).toBeUndefined()
    expect(made.configuration).toMatchObject({ listeners: [], pool: {} })
    expect(made.settings.insidePrefixes).toEqual(['10.9.0.0/24'])
    expect(await idle.data.documents.read('gateways/causeway')).toBeUndefined()
  })

  it('stays without one, whatever was wanted first', async () => {
    const first = await prepareGateway(idle, { gateway: 'none' }, INTERFACES)
    idle = await idle.reopen()
    expect(await prepareGateway(idle, {}, INTERFACES)).toEqual(first)
  })

  it('says what it was asked for in vain', async () => {
    const options: StartOptions = { addressPool: ['10.78.0.0/24'] }
    const prepared = await prepareGateway(idle, options, INTERFACES)
    expect(unusedOptions(prepared, options)).toEqual([expect.stringContaining('--pool has no effect')])
    expect(unusedOptions(first, options)).toEqual([])
  })

  it('is not made of one with a gateway, nor of one that is given', async () => {
    const { resource } = await prepareGateway(installation, { gateway: 'none' }, INTERFACES)
    expect(resource).toBeDefined()
    const options: StartOptions = { gateway: 'none', resource: first.resource }
    await expect(prepareGateway(idle, options, INTERFACES)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining('--gateway none and --config contradict each other'),
    })
  })

  it('gets the gateway of a document that is given', async () => {
    const { resource } = await prepareGateway(idle, { resource: first.resource }, INTERFACES)
    const { subscriptionId } = await ensureInstallationIdentity(idle)
    expect(resource?.id).toContain(`/subscriptions/${subscriptionId}/resourceGroups/causeway/`)
    expect(await idle.data.documents.read('installation/idle')).toBeUndefined()
  })
})

describe('ipv6Pool', () => {
  it('is the same for the same installation, in any case of the GUID', () => {
    const guid = '0a1b2c3d-0000-4000-8000-00000000000f'
    expect(ipv6Pool(guid)).toBe(ipv6Pool(guid.toUpperCase()))
    expect(ipv6Pool(guid)).not.toBe(ipv6Pool('0a1b2c3d-0000-4000-8000-00000000000e'))
  })
})
