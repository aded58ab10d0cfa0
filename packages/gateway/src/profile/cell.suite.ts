import type { AuthenticationType, GatewaySettings } from '@causeway/api-contract'
import { readGatewayConfiguration } from '../arm/index.ts'
import type { PreparedGateway } from '../quick-start/index.ts'

export const TENANT = '11111111-2222-3333-4444-555555555555'
export const RADIUS_SECRET = 'Wombat-7-secret'

/** A cell of the table of authentication mechanisms, and what else a gateway has. */
export interface Cell {
  readonly tunnels: readonly string[]
  readonly types: readonly AuthenticationType[]
  readonly audience?: string
  readonly settings?: GatewaySettings
}

/** The gateway with what users sign in by over what; whatever a type needs is there. */
export function gatewayOfCell(
  gateway: PreparedGateway,
  { tunnels, types, audience, settings = {} }: Cell,
): PreparedGateway {
  const { properties } = gateway.resource
  const vpnClientConfiguration = {
    ...properties.vpnClientConfiguration,
    vpnClientProtocols: [...tunnels],
    vpnAuthenticationTypes: [...types],
    radiusServers: [{ radiusServerAddress: '10.1.0.9', radiusServerSecret: RADIUS_SECRET }],
    aadTenant: `https://login.microsoftonline.com/${TENANT}`,
    aadIssuer: `https://sts.windows.net/${TENANT}/`,
    aadAudience: audience ?? 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
  }
  const documents = {
    resource: { ...gateway.resource, properties: { ...properties, vpnClientConfiguration } },
    settings: { ...gateway.settings, insidePrefixes: ['10.1.0.0/16'], ...settings },
  }
  const read = readGatewayConfiguration(documents.resource, documents.settings)
  if (read.type === 'bad') throw new Error(JSON.stringify(read.faults))
  return { ...gateway, ...documents, configuration: read.value }
}
