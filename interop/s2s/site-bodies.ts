import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { type Credential, publicCertData } from '../harness/certificates.ts'
import type { ManagementPlace } from '../harness/management.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { runOk } from '../harness/shell.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'

const LOCATION = 'local'

/** The networks behind the gateway. */
export const NETWORK_SPACE: readonly string[] = [ADDRESSES.insideNetwork, ADDRESSES.insideNetwork6]

/** Ids and bodies of one resource group, as ARM has them. */
export class SiteBodies {
  readonly place: ManagementPlace
  readonly groupId: string

  constructor(place: ManagementPlace, group = 'sites') {
    this.place = place
    this.groupId = `/subscriptions/${place.subscriptionId}/resourceGroups/${group}`
  }

  id(type: string, name: string, provider = 'Microsoft.Network'): string {
    return `${this.groupId}/providers/${provider}/${type}/${name}`
  }

  identityId(name = 'reads'): string {
    return this.id('userAssignedIdentities', name, 'Microsoft.ManagedIdentity')
  }

  vaultId(name: string): string {
    return this.id('vaults', name, 'Microsoft.KeyVault')
  }

  group(): object {
    return { location: LOCATION }
  }

  network(changes: object = {}): object {
    const addressPrefixes = ['10.1.0.0/16', ADDRESSES.insideNetwork6]
    const subnet = { name: 'GatewaySubnet', properties: { addressPrefix: '10.1.255.0/27' } }
    return {
      location: LOCATION,
      properties: { addressSpace: { addressPrefixes }, subnets: [subnet], ...changes },
    }
  }

  publicAddress(): object {
    return {
      location: LOCATION,
      sku: { name: 'Standard' },
      properties: { publicIPAllocationMethod: 'Static' },
    }
  }

  /** A VpnGw1AZ in the network `net` with the address `pip`. */
  gateway(changes: object = {}, identity: object | undefined = undefined): object {
    const configuration = {
      name: 'default',
      properties: {
        subnet: { id: `${this.id('virtualNetworks', 'net')}/subnets/GatewaySubnet` },
        publicIPAddress: { id: this.id('publicIPAddresses', 'pip') },
      },
    }
    return {
      location: LOCATION,
      ...(identity && { identity }),
      properties: {
        gatewayType: 'Vpn',
        vpnType: 'RouteBased',
        sku: { name: 'VpnGw1AZ', tier: 'VpnGw1AZ' },
        ipConfigurations: [configuration],
        ...changes,
      },
    }
  }

  localGateway(site: Site, changes: object = {}): object {
    return {
      location: LOCATION,
      properties: {
        gatewayIpAddress: site.publicAddress,
        localNetworkAddressSpace: { addressPrefixes: [site.network, site.network6] },
        ...changes,
      },
    }
  }

  /** Between the gateway `gw` and the local gateway of a site. */
  connection(localGateway: string, changes: object): object {
    return {
      location: LOCATION,
      properties: {
        connectionType: 'IPsec',
        virtualNetworkGateway1: { id: this.id('virtualNetworkGateways', 'gw') },
        localNetworkGateway2: { id: this.id('localNetworkGateways', localGateway) },
        ...changes,
      },
    }
  }

  vault(): object {
    const { tenantId } = this.place
    const sku = { family: 'A', name: 'standard' }
    return { location: LOCATION, properties: { tenantId, sku, enableRbacAuthorization: true } }
  }

  /** `UserAssigned`, as gateways have it. */
  assigned(name = 'reads'): object {
    return { type: 'UserAssigned', userAssignedIdentities: { [this.identityId(name)]: {} } }
  }

  /** Where a role is given to somebody; the same for the same three. */
  assignmentId(scope: string, principalId: string, role: keyof typeof BUILT_IN_ROLE_IDS): string {
    const hex = createHash('sha256').update(`${scope}${principalId}${role}`).digest('hex')
    const name = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
    return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  }

  assignment(principalId: string, role: keyof typeof BUILT_IN_ROLE_IDS): object {
    const prefix = `/subscriptions/${this.place.subscriptionId}/providers/Microsoft.Authorization`
    const roleDefinitionId = `${prefix}/roleDefinitions/${BUILT_IN_ROLE_IDS[role]}`
    return { properties: { principalId, principalType: 'ServicePrincipal', roleDefinitionId } }
  }

  /** Key Vault identifier of a certificate, of its newest version unless one is named. */
  certificateUrl(vault: string, name: string, version?: string): string {
    const { baseUrl, vaultDomain } = this.place
    const url = `https://${vault}.${vaultDomain}:${new URL(baseUrl).port}/certificates/${name}`
    return version === undefined ? url : `${url}/${version}`
  }
}

/** A certificate with its key, and what stands beside it, as base64 of a .pfx. */
export async function pfxOf(
  credential: Pick<Credential, 'certificatePath' | 'keyPath'>,
  others: readonly string[] = [],
  password = '',
): Promise<string> {
  const directory = scratchDirectory('f')
  const path = join(directory, 'gateway.pfx')
  const files = ['-in', credential.certificatePath, '-inkey', credential.keyPath, '-out', path]
  const beside = join(directory, 'beside.pem')
  writeFileSync(beside, others.map(other => readFileSync(other, 'utf8')).join('\n'))
  const args = ['pkcs12', '-export', ...files, '-passout', `pass:${password}`]
  if (others.length > 0) args.push('-certfile', beside)
  await runOk('openssl', args)
  return readFileSync(path).toString('base64')
}

/** `certificateAuthentication` of ARM. */
export function certificateAuthentication(
  outbound: string,
  subject: string,
  chain: readonly Pick<Credential, 'certificatePath'>[],
): object {
  return {
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: outbound,
      inboundAuthCertificateSubjectName: subject,
      inboundAuthCertificateChain: chain.map(publicCertData),
    },
  }
}
