import { clientConfiguration, type LifeBodies } from './life-bodies.ts'

/** A gateway that is refused. */
export interface RefusedGateway {
  readonly what: string
  /** What of it is otherwise; `root` is the `publicCertData` of a good root. */
  readonly changes: (bodies: LifeBodies, root: string) => object
  /** The property that the refusal is about. */
  readonly target: string
  /** What its message has in it: the value that is wrong, and what is allowed. */
  readonly says: RegExp
  /** `InvalidParameter` where nothing is said. */
  readonly code?: string
}

const CLIENTS = 'properties.vpnClientConfiguration'
const POOL = `${CLIENTS}.vpnClientAddressPool.addressPrefixes`
const SKU = 'properties.sku.name'
const PLACE = 'properties.ipConfigurations[0].properties'

/** What clients of Entra ID need. */
const ENTRA = {
  aadTenant: 'https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555',
  aadAudience: '22222222-3333-4444-8555-666666666666',
  aadIssuer: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/',
}

/** Other clients, and perhaps something more. */
function clients(changes: object, more: object = {}): RefusedGateway['changes'] {
  return (_bodies, root) => ({ vpnClientConfiguration: clientConfiguration(root, changes), ...more })
}

function pool(prefix: string): RefusedGateway['changes'] {
  return clients({ vpnClientAddressPool: { addressPrefixes: [prefix] } })
}

function place(network: string, subnet: string, address = 'pip'): RefusedGateway['changes'] {
  return bodies => ({ ipConfigurations: [bodies.configuration(network, subnet, address)] })
}

const basic = { sku: { name: 'Basic', tier: 'Basic' } }
const radius = {
  vpnAuthenticationTypes: ['Radius'],
  radiusServerAddress: '10.1.0.9',
  radiusServerSecret: 'secret',
}

/** Gateways that there cannot be, in a network `net` beside one called `plain`, which has no GatewaySubnet. */
export const REFUSED_GATEWAYS: readonly RefusedGateway[] = [
  {
    what: 'Basic with IKEv2',
    changes: clients({ vpnClientProtocols: ['IkeV2'] }, basic),
    target: SKU,
    says: /Basic has no .*IKEv2.*use VpnGw1/,
  },
  {
    what: 'Basic with OpenVPN',
    changes: clients({ vpnClientProtocols: ['OpenVPN'] }, basic),
    target: SKU,
    says: /Basic has no .*OpenVPN.*use VpnGw1/,
  },
  {
    what: 'Basic with RADIUS',
    changes: clients({ vpnClientProtocols: ['SSTP'], ...radius }, basic),
    target: SKU,
    says: /Basic has no .*RADIUS.*use VpnGw1/,
  },
  {
    what: 'Basic with an IPv6 pool',
    changes: clients(
      { vpnClientProtocols: ['SSTP'], vpnClientAddressPool: { addressPrefixes: ['fd99::/112'] } },
      basic,
    ),
    target: SKU,
    says: /Basic has no .*IPv6.*use VpnGw1/,
  },
  {
    what: 'a SKU that is none',
    changes: () => ({ sku: { name: 'VpnGw9', tier: 'VpnGw9' } }),
    target: SKU,
    says: /'VpnGw9' is not .*; use one of .*VpnGw1/,
  },
  {
    what: 'a SKU of ExpressRoute',
    changes: () => ({ sku: { name: 'ErGw1AZ', tier: 'ErGw1AZ' } }),
    target: SKU,
    says: /'ErGw1AZ' is not a VPN SKU; use one of .*VpnGw1/,
  },
  {
    what: 'a tier of another SKU',
    changes: () => ({ sku: { name: 'VpnGw1', tier: 'VpnGw2' } }),
    target: 'properties.sku.tier',
    says: /not the tier of VpnGw1; use VpnGw1/,
  },
  {
    what: 'an ExpressRoute gateway',
    changes: () => ({ gatewayType: 'ExpressRoute' }),
    target: 'properties.gatewayType',
    says: /ExpressRoute is not a VPN gateway; use Vpn/,
  },
  {
    what: 'a policy-based gateway with clients',
    changes: clients({}, { vpnType: 'PolicyBased' }),
    target: 'properties.vpnType',
    says: /point-to-site clients; use RouteBased/,
  },
  {
    what: 'two instances with one address',
    // The older client's name of activeActive is active.
    changes: () => ({ activeActive: true, active: true }),
    target: 'properties.ipConfigurations',
    says: /an active-active gateway needs 2/,
  },
  {
    what: 'a pool within the network',
    changes: pool('10.1.128.0/24'),
    target: POOL,
    says: /10\.1\.128\.0\/24/,
  },
  {
    what: 'a pool that is too small',
    changes: pool('172.16.9.0/30'),
    target: POOL,
    says: /too small; give a \/29/,
  },
  { what: 'a pool that is no prefix', changes: pool('172.16.9'), target: POOL, says: /172\.16\.9/ },
  {
    what: 'another subnet',
    changes: place('plain', 'default'),
    target: `${PLACE}.subnet.id`,
    says: /'default' is not a subnet for gateways; use the subnet GatewaySubnet/,
  },
  {
    what: 'a network without GatewaySubnet',
    changes: place('plain', 'GatewaySubnet'),
    target: `${PLACE}.subnet.id`,
    says: /plain\/subnets\/GatewaySubnet/,
    code: 'InvalidResourceReference',
  },
  {
    what: 'an address that is not there',
    changes: place('net', 'GatewaySubnet', 'none'),
    target: `${PLACE}.publicIPAddress.id`,
    says: /publicIPAddresses\/none/,
    code: 'InvalidResourceReference',
  },
  {
    what: 'a root that is none',
    changes: clients({ vpnClientRootCertificates: [{ name: 'root', publicCertData: 'bm90aGluZw==' }] }),
    target: `${CLIENTS}.vpnClientRootCertificates[0].properties.publicCertData`,
    says: /certificate/,
  },
  {
    what: 'no root',
    changes: clients({ vpnClientRootCertificates: [] }),
    target: `${CLIENTS}.vpnClientRootCertificates`,
    says: /root|certificate/,
  },
  {
    what: 'a thumbprint that is none',
    changes: clients({ vpnClientRevokedCertificates: [{ name: 'lost', thumbprint: 'xyz' }] }),
    target: `${CLIENTS}.vpnClientRevokedCertificates[0].properties.thumbprint`,
    says: /'lost' is wrong; .*40 hex digits/,
  },
  {
    what: 'a tunnel type that is none',
    changes: clients({ vpnClientProtocols: ['PPTP'] }),
    target: `${CLIENTS}.vpnClientProtocols[0]`,
    says: /PPTP.*IkeV2, SSTP, OpenVPN/,
  },
  {
    what: 'an authentication type that is none',
    changes: clients({ vpnAuthenticationTypes: ['Password'] }),
    target: `${CLIENTS}.vpnAuthenticationTypes[0]`,
    says: /Password.*Certificate, Radius, AAD/,
  },
  {
    what: 'Entra ID over IKEv2',
    changes: clients({ vpnClientProtocols: ['IkeV2'], vpnAuthenticationTypes: ['AAD'], ...ENTRA }),
    target: `${CLIENTS}.vpnAuthenticationTypes`,
    says: /AAD.*OpenVPN/,
  },
  {
    what: 'RADIUS without a server',
    changes: clients({ vpnAuthenticationTypes: ['Radius'] }),
    target: `${CLIENTS}.radiusServers`,
    says: /is empty; add a RADIUS server/,
  },
  {
    what: 'Entra ID without a tenant',
    changes: clients({ vpnClientProtocols: ['OpenVPN'], vpnAuthenticationTypes: ['AAD'] }),
    target: `${CLIENTS}.aadTenant`,
    says: /missing|tenant/,
  },
  {
    what: 'a custom route that is none',
    changes: clients({}, { customRoutes: { addressPrefixes: ['10.0.0.300/8'] } }),
    target: 'properties.customRoutes.addressPrefixes[0]',
    says: /10\.0\.0\.300/,
  },
]
