import type { GroupSettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { ipBatch } from '../harness/namespace.ts'
import type { RunningProcess } from '../harness/process.ts'
import {
  applyGateway,
  applySettings,
  gatewayDocument,
  openScenario,
  type Scenario,
} from '../harness/scenario.ts'
import { startSstpClient } from '../harness/sstp-client.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** A second address of the inside host: all that partners reach. */
export const PARTNERS_HOST = '10.1.0.20'

const PROTOCOLS = ['OpenVPN', 'IkeV2', 'SSTP'] as const
const STAFF_DOMAIN = 'staff.example'

/** A gateway with two policy groups: `staff`, by the domain in the certificate, and by default `partners`. */
export interface GroupScenario extends Scenario {
  readonly root: Credential
  /** The key of every client. */
  readonly keyPath: string
  readonly profile: string
  readonly serverName: string
}

export async function openGroups(): Promise<GroupScenario> {
  const root = await createAuthority('Interop Root')
  const { keyPath } = await issue(root, { commonName: 'key' })
  const scenario = await openScenario({ clients: 3, root, protocols: PROTOCOLS })
  await ipBatch(scenario.topology.inside, [`addr add ${PARTNERS_HOST}/24 dev lan`])
  const { azure: profile } = await scenario.gateway.addClient('profile')
  const serverName = /^verify-x509-name ["']?([^"'\s]+)/m.exec(profile)?.[1]
  if (serverName === undefined) throw new Error(`the profile does not name the gateway:\n${profile}`)
  const open = { ...scenario, root, keyPath, profile, serverName }
  await applyGateway(open.gateway, groupDocument(open, STAFF_DOMAIN))
  await holdGroups(open, {})
  return open
}

export interface GroupChange {
  /** Whose users are staff. */
  readonly staffDomain?: string
  /** How long their sessions last. */
  readonly staffSeconds?: number
}

/** The groups from now on, but for what is said here as at first. */
export async function holdGroups(
  scenario: GroupScenario,
  { staffDomain = STAFF_DOMAIN, staffSeconds = 0 }: GroupChange,
): Promise<void> {
  await applyGateway(scenario.gateway, groupDocument(scenario, staffDomain))
  const groups: GroupSettings[] = [
    { name: 'staff', maximumSeconds: staffSeconds },
    {
      name: 'partners',
      routes: [`${PARTNERS_HOST}/32`],
      dns: { servers: [PARTNERS_HOST] },
      devicesPerUser: 1,
    },
  ]
  await applySettings(scenario.gateway, { groups })
}

function groupDocument({ gateway, root }: GroupScenario, staffDomain: string): VirtualNetworkGateway {
  const document = gatewayDocument(gateway, [root], { protocols: PROTOCOLS })
  const { vpnClientConfiguration } = document.properties
  return {
    ...document,
    properties: {
      ...document.properties,
      virtualNetworkGatewayPolicyGroups: [
        {
          name: 'staff',
          properties: {
            priority: 10,
            policyMembers: [{ attributeType: 'CertificateGroupId', attributeValue: staffDomain }],
          },
        },
        { name: 'partners', properties: { priority: 20, isDefault: true } },
      ],
      vpnClientConfiguration: {
        ...vpnClientConfiguration,
        vngClientConnectionConfigurations: [
          pool('staff', '172.17.0.0/24'),
          pool('partners', '172.18.0.0/24'),
        ],
      },
    },
  }
}

function pool(group: string, prefix: string): object & { name: string; properties: object } {
  return {
    name: `${group}-pool`,
    properties: {
      vpnClientAddressPool: { addressPrefixes: [prefix] },
      virtualNetworkGatewayPolicyGroups: [{ id: `/virtualNetworkGatewayPolicyGroups/${group}` }],
    },
  }
}

/** Causeway's own SSTP client in the last client namespace, with a route to all of the inside network. */
export async function startSstp(scenario: GroupScenario, commonName: string): Promise<RunningProcess> {
  const namespace = scenario.topology.clients.at(-1)
  if (!namespace) throw new Error('no client namespace')
  const credential = await issue(scenario.root, { commonName, keyPath: scenario.keyPath })
  const client = startSstpClient(namespace, credential, {
    server: ADDRESSES.gateway,
    serverName: scenario.serverName,
    authority: `${scenario.gateway.data}/ca.pem`,
    destinations: [ADDRESSES.insideNetwork],
    binding: 'right',
  })
  await client.waitFor(/^connected$/)
  return client
}
