import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from '../document-fault.ts'
import { canonicalBody, keepingOmitted, withoutReadOnly, withoutWriteOnly } from './document-shape.ts'
import { connectionSchema, connectionSharedKey } from './schema/connection.ts'
import { packetCaptureStopParameters } from './schema/gateway-operations.ts'
import { virtualNetworkGatewaySchema } from './schema/virtual-network-gateway.ts'

function gateway(clients: object, properties: object = {}): object {
  return { location: 'local', properties: { ...properties, vpnClientConfiguration: clients } }
}

function connection(properties: object): object {
  return {
    location: 'local',
    properties: { virtualNetworkGateway1: { id: '/g1' }, connectionType: 'IPsec', ...properties },
  }
}

function faultsOf(body: unknown): string[] {
  return canonicalBody(connectionSchema, body).faults.map(formatDocumentFault)
}

describe('a body as clients send it', () => {
  it('is spelled as ARM spells it: az sends IPSec, others sku names in lower case', () => {
    const body = {
      LOCATION: 'local',
      Properties: { VirtualNetworkGateway1: { ID: '/g1' }, connectiontype: 'IPSec' },
    }
    expect(canonicalBody(connectionSchema, body)).toEqual({ value: connection({}), faults: [] })
  })

  it('has no property that is null, as az sends what it has no value for', () => {
    const body = connection({ expressRouteGatewayBypass: null, sharedKey: null, ipsecPolicies: [null] })
    expect(canonicalBody(connectionSchema, body).value).toEqual(connection({ ipsecPolicies: [] }))
  })

  it('has references that are their ids alone, as az sends whole gateways', () => {
    const whole = { id: '/g1', location: 'x', properties: { sku: { name: 'nonsense' } } }
    const body = connection({
      virtualNetworkGateway1: whole,
      localNetworkGateway2: { id: '/l', properties: {} },
    })
    expect(canonicalBody(connectionSchema, body)).toEqual({
      value: connection({ localNetworkGateway2: { id: '/l' } }),
      faults: [],
    })
  })

  it('keeps what we do not know, nulls and all', () => {
    const body = connection({ wings: { Count: 2, feathers: null } })
    expect(canonicalBody(connectionSchema, body)).toEqual({ value: body, faults: [] })
  })

  it('has no property in two cases: the other one, a secret perhaps, would be kept as what we do not know', () => {
    const body = connection({ sharedKey: 'hunter2', SHAREDKEY: 'hunter3' })
    const { value, faults } = canonicalBody(connectionSchema, body)
    expect(value).toEqual(connection({ sharedKey: 'hunter2' }))
    expect(faults.map(formatDocumentFault)).toEqual([
      "properties.SHAREDKEY: is there as 'sharedKey' as well; give one of them",
    ])
  })

  it('loses what is read only, wherever it is, before it is checked', () => {
    const root = { name: 'r', etag: 'W/"x"', properties: { publicCertData: 'MII', provisioningState: 7 } }
    const body = {
      ...gateway({ vpnClientRootCertificates: [root] }, { resourceGuid: 'x' }),
      etag: 1,
      name: 'gw',
    }
    expect(canonicalBody(virtualNetworkGatewaySchema, body)).toEqual({
      value: gateway({ vpnClientRootCertificates: [{ name: 'r', properties: { publicCertData: 'MII' } }] }),
      faults: [],
    })
  })

  it('is told by field and allowed values what is wrong', () => {
    expect(
      faultsOf(connection({ connectionType: 'Pigeon', connectionMode: 'Never', routingWeight: 'x' })),
    ).toEqual([
      "properties.routingWeight: 'x' is not an integer; give an integer",
      "properties.connectionType: 'Pigeon' is not allowed; use one of IPsec, Vnet2Vnet, ExpressRoute, VPNClient",
      "properties.connectionMode: 'Never' is not allowed; use one of Default, ResponderOnly, InitiatorOnly",
    ])
    expect(faultsOf({ location: 'local', properties: {} })).toEqual([
      'properties.virtualNetworkGateway1: is missing; add it',
      'properties.connectionType: is missing; add it',
    ])
    const tunnels = canonicalBody(
      virtualNetworkGatewaySchema,
      gateway({ vpnClientProtocols: ['ikev2', 'PPTP'] }),
    )
    expect(tunnels.faults.map(formatDocumentFault)).toEqual([
      "properties.vpnClientConfiguration.vpnClientProtocols[1]: 'PPTP' is not allowed; use one of IkeV2, SSTP, OpenVPN",
    ])
  })

  it.each([null, 7, 'text', []])('%j is no body', body => {
    expect(canonicalBody(connectionSchema, body).faults).not.toEqual([])
  })

  it('cannot reach a prototype', () => {
    const body = JSON.parse(
      '{"__proto__":{"evil":1},"properties":{"__proto__":{"evil":1},"constructor":{"prototype":{"evil":1}}}}',
    ) as object
    const { value } = canonicalBody(virtualNetworkGatewaySchema, body)
    const merged = keepingOmitted(virtualNetworkGatewaySchema, value, body, '2022-01-01')
    for (const each of [value, merged, (merged as { properties: object }).properties]) {
      expect(Object.getPrototypeOf(each)).toBe(Object.prototype)
      expect((each as { evil?: number }).evil).toBeUndefined()
    }
    expect(({} as { evil?: number }).evil).toBeUndefined()
  })

  it('is not changed in place', () => {
    const body = Object.freeze({ location: 'local', properties: Object.freeze({ connectionType: 'IPSec' }) })
    canonicalBody(connectionSchema, body)
    expect(body.properties.connectionType).toBe('IPSec')
  })
})

describe('secrets', () => {
  const servers = [
    { radiusServerAddress: '10.0.0.1', radiusServerScore: 1, radiusServerSecret: 'one' },
    { radiusServerAddress: 'Radius.example', radiusServerSecret: 'two' },
  ]
  const former = gateway({
    radiusServerAddress: '10.0.0.1',
    radiusServerSecret: 'zero',
    radiusServers: servers,
  })
  const merged = (body: object) => keepingOmitted(virtualNetworkGatewaySchema, body, former)

  it('are not answered', () => {
    expect(withoutWriteOnly(virtualNetworkGatewaySchema, former)).toEqual(
      gateway({
        radiusServerAddress: '10.0.0.1',
        radiusServers: [
          { radiusServerAddress: '10.0.0.1', radiusServerScore: 1 },
          { radiusServerAddress: 'Radius.example' },
        ],
      }),
    )
    const keys = connection({ sharedKey: 'k', authorizationKey: 'a' })
    expect(withoutWriteOnly(connectionSchema, keys)).toEqual(connection({}))
  })

  it('are kept when a PUT sends back what was answered', () => {
    expect(merged(withoutWriteOnly(virtualNetworkGatewaySchema, former) as object)).toEqual(former)
    const keys = connection({ sharedKey: 'k', authorizationKey: 'a' })
    expect(keepingOmitted(connectionSchema, connection({}), keys)).toEqual(keys)
  })

  it.each(['', '[secret]', null])('are kept where %j is sent in their place', shown => {
    const body = gateway({
      radiusServers: [{ radiusServerAddress: 'radius.EXAMPLE', radiusServerSecret: shown }],
    })
    expect(merged(body)).toEqual(
      gateway({ radiusServers: [{ radiusServerAddress: 'radius.EXAMPLE', radiusServerSecret: 'two' }] }),
    )
  })

  it('are replaced by new ones', () => {
    const body = gateway({ radiusServerAddress: '10.0.0.1', radiusServerSecret: 'new' })
    expect(merged(body)).toEqual(body)
  })

  it('do not go to a server at another address', () => {
    for (const clients of [
      { radiusServerAddress: '10.6.6.6' },
      { radiusServers: [{ radiusServerAddress: '10.6.6.6' }] },
      {},
    ])
      expect(merged(gateway(clients))).toEqual(gateway(clients))
  })

  it('are found among many as fast as among few', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      radiusServerAddress: `${i}.example`,
      radiusServerSecret: `${i}`,
    }))
    const shown = many.map(({ radiusServerAddress }) => ({ radiusServerAddress }))
    const whole = gateway({ radiusServers: many })
    expect(keepingOmitted(virtualNetworkGatewaySchema, gateway({ radiusServers: shown }), whole)).toEqual(
      whole,
    )
  })

  it('are repeated in no fault', () => {
    const long = 'Wombat-7'.repeat(200)
    const radiusServers = [{ radiusServerAddress: '10.0.0.1', radiusServerSecret: long }]
    const found = [
      canonicalBody(connectionSchema, connection({ sharedKey: long, authorizationKey: long.repeat(2) })),
      canonicalBody(connectionSharedKey, { value: long }),
      canonicalBody(virtualNetworkGatewaySchema, gateway({ radiusServers })),
      canonicalBody(packetCaptureStopParameters, { sasUrl: 7 }),
    ].flatMap(({ faults }) => faults.map(formatDocumentFault))
    expect(found).toHaveLength(5)
    for (const line of found) expect(line).toMatch(/: \[secret\] is /)
  })

  it('are gone where nothing was before', () => {
    const body = gateway({ radiusServerAddress: '10.0.0.1', radiusServerSecret: '[secret]' })
    expect(keepingOmitted(virtualNetworkGatewaySchema, body, gateway({}))).toEqual(
      gateway({ radiusServerAddress: '10.0.0.1' }),
    )
  })
})

describe('properties that are newer than the api-version of the request', () => {
  const certificates = {
    authenticationType: 'Certificate',
    certificateAuthentication: { inboundAuthCertificateSubjectName: 'x' },
  }
  const former = connection({ ...certificates, dpdTimeoutSeconds: 45 })

  it('are kept: az of 2024 drops them from what it reads and sends the rest back', () => {
    expect(keepingOmitted(connectionSchema, connection({}), former, '2024-07-01')).toEqual(
      connection(certificates),
    )
  })

  it('are removed by who knows them', () => {
    expect(keepingOmitted(connectionSchema, connection({}), former, '2025-03-01')).toEqual(connection({}))
    expect(keepingOmitted(connectionSchema, connection({}), former)).toEqual(connection({}))
  })

  it('may be changed by anybody', () => {
    const body = connection({ authenticationType: 'PSK' })
    expect(keepingOmitted(connectionSchema, body, former, '2022-01-01')).toEqual(
      connection({ ...certificates, authenticationType: 'PSK' }),
    )
  })

  it('are kept at the top as well, and in lists by name', () => {
    const identity = { type: 'UserAssigned', userAssignedIdentities: { '/i': {} } }
    const stored = { ...gateway({}), identity }
    expect(keepingOmitted(virtualNetworkGatewaySchema, gateway({}), stored, '2023-09-01')).toEqual(stored)
    expect(keepingOmitted(virtualNetworkGatewaySchema, gateway({}), stored, '2025-05-01')).toEqual(
      gateway({}),
    )
  })
})

describe('withoutReadOnly', () => {
  it('copies what has no schema as it is', () => {
    expect(withoutReadOnly(connectionSchema, 'text')).toBe('text')
    expect(withoutReadOnly(connectionSchema, { odd: { provisioningState: 1 } })).toEqual({
      odd: { provisioningState: 1 },
    })
  })
})
