/** Tunnel types: `VpnClientProtocol` of ARM. */
export const CLIENT_PROTOCOLS = ['IkeV2', 'SSTP', 'OpenVPN'] as const
export type ClientProtocol = (typeof CLIENT_PROTOCOLS)[number]

/** `VpnAuthenticationType` of ARM. */
export const AUTHENTICATION_TYPES = ['Certificate', 'Radius', 'AAD'] as const
export type AuthenticationType = (typeof AUTHENTICATION_TYPES)[number]

/** Which authentication goes with which tunnel type: the seed's table of authentication mechanisms. */
export const PROTOCOL_AUTHENTICATION: Readonly<Record<ClientProtocol, readonly AuthenticationType[]>> = {
  OpenVPN: ['AAD', 'Radius', 'Certificate'],
  SSTP: ['Radius', 'Certificate'],
  IkeV2: ['Radius', 'Certificate'],
}

/** The canonical spelling of one of `names`, found in any case, as ARM compares them. */
export function canonicalName<Name extends string>(names: readonly Name[], text: string): Name | undefined {
  return names.find(name => name.toLowerCase() === text.toLowerCase())
}
