import type { IkeSaView } from '@causeway/api-contract'
import type { ConnectionRecord } from '@causeway/gateway'
import { issueRoot } from '@causeway/x509'
import { beforeEach, describe, expect, it } from 'vitest'
import { GROUP, NETWORK, NOW } from '../../management-api.suite.ts'
import {
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  SITE,
  siteBody,
} from '../network.suite.ts'
import { connect, REMOTE, sitesApi } from './connection.suite.ts'

const KEY = CONNECTION.toLowerCase()

const at = Math.floor(Date.now() / 1_000)
const root = await issueRoot({
  commonName: 'site root',
  key: 'ecdsa-p256',
  notBefore: at - 60,
  notAfter: at + 86_400,
})
const CHAIN = Buffer.from(root.certificate).toString('base64')

let api: NetworkApi

beforeEach(async () => {
  api = await sitesApi()
})

const connected = (properties: object = {}) => connect(api, properties)

const peerOf = () => api.gateway.connected.get(KEY)?.peer

describe('a connection that is put', () => {
  it('runs with its key and where its site is', async () => {
    await connected()
    expect(api.gateway.connected.get(KEY)).toMatchObject({
      connection: {
        id: CONNECTION,
        name: 'site',
        properties: { sharedKey: 'hunter2', connectionType: 'IPsec' },
      },
      peer: {
        type: 'local-gateway',
        id: SITE,
        address: '203.0.113.1',
        addressPrefixes: ['10.9.0.0/16', '10.10.0.0/16'],
      },
    })
  })

  it('leaves the former one in force when it cannot be applied, and says why', async () => {
    await connected()
    api.gateway.beforeApply = async () => {
      throw new Error('no such device')
    }
    const { body } = await api.done('PUT', CONNECTION, connectionBody({ routingWeight: 7 }))
    expect(body).toMatchObject({ status: 'Failed', error: { code: 'InternalServerError' } })
    const read = await api.ask('GET', CONNECTION)
    expect(read.body.properties).toMatchObject({ provisioningState: 'Failed', routingWeight: 7 })
    expect(api.gateway.connected.get(KEY)?.connection.properties.routingWeight).toBeUndefined()
    api.gateway.beforeApply = async () => undefined
    await connected({ routingWeight: 7 })
    expect(api.gateway.connected.get(KEY)?.connection.properties.routingWeight).toBe(7)
  })

  it('is refused while its gateway does not run', async () => {
    await api.done('DELETE', GATEWAY)
    api.gateway.beforeApply = async () => {
      throw new Error('no such device')
    }
    await api.done('PUT', GATEWAY, gatewayBody())
    const told = await api.ask('PUT', CONNECTION, { body: connectionBody() })
    expect([told.status, told.body.error?.code, told.body.error?.target]).toEqual([
      409,
      'Conflict',
      'properties.virtualNetworkGateway1.id',
    ])
  })

  it('takes other tags while its gateway does not run', async () => {
    await connected()
    const runs = api.gateway.inForce
    api.gateway.inForce = undefined
    const told = await api.ask('PATCH', CONNECTION, { body: { tags: { site: 'one' } } })
    expect([told.status, told.body.tags]).toEqual([200, { site: 'one' }])
    api.gateway.inForce = runs
    expect(api.gateway.connected.get(KEY)?.connection.tags).toBeUndefined()
  })

  it('is refused with what the gateway says against it', async () => {
    await api.done('PUT', SITE, siteBody({ localNetworkAddressSpace: { addressPrefixes: ['10.1.9.0/24'] } }))
    const told = await api.ask('PUT', CONNECTION, { body: connectionBody() })
    expect([told.status, told.body.error?.code, told.body.error?.target]).toEqual([
      400,
      'InvalidParameter',
      'properties.localNetworkGateway2.id',
    ])
    expect(told.body.error.message).toContain('10.1.9.0/24')
  })

  it('runs with another key as soon as it has one', async () => {
    await connected()
    await api.done('PUT', `${CONNECTION}/sharedkey`, { value: 'Second2' })
    const keyOf = () => api.gateway.connected.get(KEY)?.connection.properties.sharedKey
    expect(keyOf()).toBe('Second2')
    expect((await api.result(`${CONNECTION}/sharedkey/reset`, { keyLength: 24 })).body).toEqual({
      keyLength: 24,
    })
    expect(keyOf()).toMatch(/^[A-Za-z0-9]{24}$/)
    expect((await api.ask('GET', `${CONNECTION}/sharedkey`)).body.value).toBe(keyOf())
  })

  it('shows its key nowhere else', async () => {
    const secrets = ['TopSecret1', 'TopSecret2']
    const [first, second] = secrets
    const shown: string[] = []
    const see = ({ body }: { readonly body: unknown }) => shown.push(JSON.stringify(body) ?? '')
    see(await api.ask('PUT', CONNECTION, { body: connectionBody({ sharedKey: first }) }))
    await api.done('PUT', `${CONNECTION}/sharedkey`, { value: second })
    api.gateway.beforeApply = async () => {
      throw new Error('no such device')
    }
    see(await api.done('PUT', CONNECTION, connectionBody({ sharedKey: first })))
    see(await api.ask('GET', CONNECTION))
    see(await api.ask('GET', `${NETWORK}/connections`))
    see(await api.ask('GET', `${GATEWAY}/connections`))
    see(await api.result(`${CONNECTION}/getikesas`))
    shown.push(JSON.stringify(await api.store.history()), api.logged.join('\n'))
    shown.push(JSON.stringify(await api.store.scan('')))
    for (const secret of secrets) expect(shown.filter(text => text.includes(secret))).toEqual([])
  })
})

it('goes with its group, before what it rests on', async () => {
  await connected()
  const told = await api.ask('DELETE', GROUP, { version: '2021-04-01' })
  expect((await api.ended(told)).body.status).toBe('Succeeded')
  expect([api.gateway.connected.size, api.gateway.inForce]).toEqual([0, undefined])
})

describe('a connection between gateways', () => {
  const between = (id: string = REMOTE) =>
    connectionBody({
      connectionType: 'Vnet2Vnet',
      localNetworkGateway2: null,
      virtualNetworkGateway2: { id },
    })

  it('leads to one that the settings know', async () => {
    const told = await api.done('PUT', CONNECTION, between())
    expect(told.body.status).toBe('Succeeded')
    expect(peerOf()).toEqual({ type: 'remote-gateway', id: REMOTE })
    const { body } = await api.ask('GET', CONNECTION)
    expect(body.properties).toMatchObject({
      connectionType: 'Vnet2Vnet',
      virtualNetworkGateway2: { id: REMOTE, properties: {} },
    })
    const { error } = (
      await api.ask('POST', `${CONNECTION}/vpndeviceconfigurationscript`, { body: { vendor: 'Generic' } })
    ).body
    expect(error.message).toContain('a gateway, and no device')
  })

  it.each([
    ['is not known', REMOTE.replace('/gw', '/else'), 'sites.remoteGateways'],
    ['is its own', GATEWAY, 'is the gateway of this side'],
  ])('is refused where the other %s', async (_what, id, words) => {
    const told = await api.ask('PUT', CONNECTION, { body: between(id) })
    expect([told.status, told.body.error?.target]).toEqual([400, 'properties.virtualNetworkGateway2.id'])
    expect(told.body.error.message).toContain(words)
  })

  it('needs no right at the other one', async () => {
    const told = await api.ask('PUT', CONNECTION, { body: between(), as: 'network' })
    expect(told.status).toBe(201)
  })
})

describe('a connection with certificates', () => {
  const IDENTITY = `${NETWORK.replace('Microsoft.Network', 'Microsoft.ManagedIdentity')}/userAssignedIdentities/reads`
  const certificates = (outboundAuthCertificate: string) =>
    connectionBody({
      authenticationType: 'Certificate',
      certificateAuthentication: {
        outboundAuthCertificate,
        inboundAuthCertificateSubjectName: 'site-1',
        inboundAuthCertificateChain: [CHAIN],
      },
    })

  beforeEach(async () => {
    await api.ask('PUT', IDENTITY, { body: { location: 'local' }, version: '2023-01-31' })
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [IDENTITY]: {} } }
    await api.done('PUT', GATEWAY, { ...gatewayBody(), identity })
  })

  it.each([
    'https://contoso.vault.example.org/certificates/gateway',
    `https://contoso.vault.example.org:8443/secrets/gateway/${'0'.repeat(32)}`,
    'https://contoso.vault.azure.net/certificates/gateway',
  ])('names one of a vault that may be asked: %s', async path => {
    expect((await api.done('PUT', CONNECTION, certificates(path))).body.status).toBe('Succeeded')
  })

  it.each([
    'https://contoso.evil.example/certificates/gateway',
    'http://contoso.vault.azure.net/certificates/gateway',
    'https://contoso.vault.azure.net/keys/gateway',
    'a certificate',
  ])('is refused with another path: %s', async path => {
    const told = await api.ask('PUT', CONNECTION, { body: certificates(path) })
    expect([told.status, told.body.error?.target]).toEqual([
      400,
      'properties.certificateAuthentication.outboundAuthCertificate',
    ])
    expect(told.body.error.message).toContain('https://VAULT.DOMAIN/certificates/NAME')
    expect(told.body.error.details).toHaveLength(1)
  })

  it('is advised of a larger SKU in the log', async () => {
    await api.done('PUT', CONNECTION, certificates('https://contoso.vault.azure.net/certificates/gateway'))
    expect(api.logged.filter(line => line.includes('VpnGw1AZ or higher is recommended'))).toHaveLength(1)
    expect(api.logged.join()).toContain('on a gateway of VpnGw1:')
  })

  it('has scripts for devices with the names of both', async () => {
    await api.done('PUT', CONNECTION, certificates('https://contoso.vault.azure.net/certificates/gateway'))
    const script = async (vendor: string) =>
      (await api.ask('POST', `${CONNECTION}/vpndeviceconfigurationscript`, { body: { vendor } })).body
    expect(await script('strongSwan')).toContain('id = "REPLACE_WITH_THE_SUBJECT_OF_THE_GATEWAY"')
    const certificate = {
      version: '1',
      subject: 'CN=gw.example.org,O=Contoso',
      thumbprint: '',
      notAfterSeconds: 1,
    }
    api.gateway.records = [{ ...record(), certificate }]
    const swanctl = await script('strongSwan')
    for (const line of ['id = "O=Contoso, CN=gw.example.org"', 'auth = pubkey', 'subject site-1 alone'])
      expect(swanctl).toContain(line)
    expect(swanctl).not.toContain('secrets {')
    expect(await script('Libreswan')).toContain('rightid="O=Contoso, CN=gw.example.org"')
    expect(await script('Generic')).toMatch(/Common name of this device +site-1\n/)
    api.gateway.records = [{ ...record(), certificate: { ...certificate, subject: 'CN=x"\n}' } }]
    expect(await script('strongSwan')).toContain('REPLACE_WITH_THE_SUBJECT_OF_THE_GATEWAY')
  })
})

describe('how a connection stands', () => {
  it('is Unknown before it is in force, and then what the gateway says', async () => {
    await connected()
    expect((await api.ask('GET', CONNECTION)).body.properties.connectionStatus).toBe('Unknown')
    api.gateway.records = [record()]
    const { body } = await api.ask('GET', CONNECTION)
    expect(body.properties).toMatchObject({
      connectionStatus: 'Connected',
      ingressBytesTransferred: 12,
      egressBytesTransferred: 24,
      tunnelConnectionStatus: [
        {
          tunnel: 'site_198.51.100.7',
          connectionStatus: 'Connected',
          ingressBytesTransferred: 10,
          egressBytesTransferred: 20,
          lastConnectionEstablishedUtcTime: '2027-01-15T07:59:00.000Z',
        },
        { tunnel: 'site_198.51.100.8', connectionStatus: 'NotConnected', ingressBytesTransferred: 2 },
      ],
    })
    expect(body.properties.tunnelConnectionStatus[1]).not.toHaveProperty('lastConnectionEstablishedUtcTime')
    const { value } = (await api.ask('GET', `${GATEWAY}/connections`)).body
    expect(value[0].properties.connectionStatus).toBe('Connected')
  })

  it('has its SAs with the names and units of Azure', async () => {
    await connected()
    expect((await api.result(`${CONNECTION}/getikesas`)).body).toBe('[]\n')
    api.gateway.records = [record()]
    const { body } = await api.result(`${CONNECTION}/getikesas`)
    // Azure PowerShell takes the last character away before it reads the text.
    expect(JSON.parse(String(body).slice(0, -1))).toEqual([
      {
        localEndpoint: '10.0.0.4',
        remoteEndpoint: '2001:db8::9',
        initiatorCookie: '18446744073709551615',
        responderCookie: '16',
        localUdpEncapsulationPort: 4_500,
        remoteUdpEncapsulationPort: 40_000,
        encryption: 'AES256',
        integrity: 'SHA256',
        dhGroup: 'DHGroup14',
        lifeTimeSeconds: 28_800,
        isSaInitiator: true,
        elapsedTimeInseconds: 60,
        quickModeSa: [
          {
            localEndpoint: '10.0.0.4',
            remoteEndpoint: '2001:db8::9',
            encryption: 'GCMAES256',
            integrity: 'GCMAES256',
            pfsGroupId: 'None',
            inboundSPI: 1,
            outboundSPI: 2,
            localTrafficSelectors: ['0.0.0.0/0'],
            remoteTrafficSelectors: ['10.9.0.0/16'],
            lifetimeKilobytes: 102_400_000,
            lifeTimeSeconds: 27_000,
            isSaInitiator: true,
            elapsedTimeInseconds: 30,
          },
        ],
      },
    ])
  })

  it('is reset by name, where it is in force', async () => {
    await connected()
    expect((await api.result(`${CONNECTION}/resetconnection`)).status).toBe(200)
    expect(api.gateway.connectionsReset).toEqual([KEY])
    api.gateway.connected.clear()
    const told = await api.ended(await api.ask('POST', `${CONNECTION}/resetconnection`))
    expect(told.body).toMatchObject({ status: 'Failed', error: { code: 'Conflict' } })
  })

  it('is told among the routes of the gateway', async () => {
    await connected()
    const { value } = (await api.result(`${GATEWAY}/getLearnedRoutes`)).body
    expect(value.map(({ network }: { network: string }) => network)).toEqual([
      '10.1.0.0/16',
      '172.16.201.0/24',
      '10.9.0.0/16',
      '10.10.0.0/16',
    ])
  })
})

const sa: IkeSaView = {
  initiatorSpi: 'f'.repeat(16),
  responderSpi: '0000000000000010',
  isInitiator: true,
  local: '10.0.0.4:4500',
  remote: '[2001:db8::9]:40000',
  localIdentity: '198.51.100.7',
  remoteIdentity: '203.0.113.1',
  method: 'psk',
  suite: { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', prf: 'HMAC-SHA256', group: 'MODP-2048' },
  natDetected: { local: true, remote: true },
  establishedSeconds: NOW - 60,
  isCarrier: true,
  children: [
    {
      receiveSpi: 1,
      sendSpi: 2,
      encryption: 'AES-GCM-16-256',
      integrity: 'none',
      group: 'none',
      local: ['0.0.0.0/0'],
      remote: ['10.9.0.0/16'],
      establishedSeconds: NOW - 30,
      bytesReceived: 10,
      bytesSent: 20,
    },
  ],
}

function record(): ConnectionRecord {
  const reason = { code: 'up', message: 'It is up.' } as unknown as ConnectionRecord['reason']
  const tunnel = (name: string, more: object) =>
    ({
      tunnel: name,
      reason,
      sessions: [],
      lastEstablishedSeconds: undefined,
      ...more,
    }) as unknown as ConnectionRecord['tunnels'][number]
  return {
    id: KEY,
    name: 'site',
    status: 'Connected',
    reason,
    notes: [],
    tunnels: [
      tunnel('site_198.51.100.7', {
        status: 'Connected',
        bytesReceived: 10,
        bytesSent: 20,
        lastEstablishedSeconds: NOW - 60,
        sessions: [sa],
      }),
      tunnel('site_198.51.100.8', { status: 'NotConnected', bytesReceived: 2, bytesSent: 4 }),
    ],
  }
}
