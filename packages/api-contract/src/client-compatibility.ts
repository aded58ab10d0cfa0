import type { AuthenticationType, ClientProtocol } from './client-protocol.ts'

/** Systems of clients. */
export const CLIENT_SYSTEMS = ['Windows', 'macOS', 'iOS', 'Linux', 'Android'] as const
export type ClientSystem = (typeof CLIENT_SYSTEMS)[number]

/** Programs that clients connect with. */
export const CLIENT_PROGRAMS = [
  'Native VPN client',
  'Azure VPN Client',
  'OpenVPN client 2.x',
  'OpenVPN client 3.x',
  'strongSwan',
  'sstpc',
] as const
export type ClientProgram = (typeof CLIENT_PROGRAMS)[number]

/** One row of the client table: who signs in by `authentication` over one of `tunnels`. */
export interface ClientRow {
  readonly authentication: AuthenticationType
  readonly tunnels: readonly ClientProtocol[]
  readonly system: ClientSystem
  readonly programs: readonly ClientProgram[]
  /** `azure`: of the seed's table; `causeway`: a client that we serve beyond it. */
  readonly source: 'azure' | 'causeway'
}

const row = (
  authentication: AuthenticationType,
  tunnels: readonly ClientProtocol[],
  system: ClientSystem,
  programs: readonly ClientProgram[],
  source: ClientRow['source'] = 'azure',
): ClientRow => ({ authentication, tunnels, system, programs, source })

const OPENVPN_CLIENTS = ['OpenVPN client 2.x', 'OpenVPN client 3.x'] as const
const BEYOND = 'causeway'

/**
 * The seed's client table in its order, then ours. Where the seed says "OpenVPN client" it is whichever there is for the system.
 * The seed has no row of RADIUS: those are the programs of its other rows that can sign in by user name and
 * password, or by EAP. It knows SSTP on Windows alone; others speak it as well.
 */
export const CLIENT_ROWS: readonly ClientRow[] = [
  row('Certificate', ['IkeV2', 'SSTP'], 'Windows', ['Native VPN client']),
  row('Certificate', ['IkeV2'], 'macOS', ['Native VPN client']),
  row('Certificate', ['IkeV2'], 'Linux', ['strongSwan']),
  row('Certificate', ['OpenVPN'], 'Windows', ['Azure VPN Client', ...OPENVPN_CLIENTS]),
  row('Certificate', ['OpenVPN'], 'macOS', OPENVPN_CLIENTS),
  row('Certificate', ['OpenVPN'], 'iOS', ['OpenVPN client 3.x']),
  row('Certificate', ['OpenVPN'], 'Linux', ['Azure VPN Client', ...OPENVPN_CLIENTS]),
  row('AAD', ['OpenVPN'], 'Windows', ['Azure VPN Client']),
  row('AAD', ['OpenVPN'], 'macOS', ['Azure VPN Client']),
  row('AAD', ['OpenVPN'], 'Linux', ['Azure VPN Client']),

  row('Certificate', ['IkeV2'], 'iOS', ['Native VPN client'], BEYOND),
  row('Certificate', ['IkeV2'], 'Android', ['strongSwan'], BEYOND),
  row('Certificate', ['OpenVPN'], 'Android', ['OpenVPN client 3.x'], BEYOND),
  row('Certificate', ['SSTP'], 'Linux', ['sstpc'], BEYOND),
  row('Radius', ['IkeV2', 'SSTP'], 'Windows', ['Native VPN client'], BEYOND),
  row('Radius', ['IkeV2'], 'macOS', ['Native VPN client'], BEYOND),
  row('Radius', ['IkeV2'], 'iOS', ['Native VPN client'], BEYOND),
  row('Radius', ['IkeV2'], 'Linux', ['strongSwan'], BEYOND),
  row('Radius', ['IkeV2'], 'Android', ['strongSwan'], BEYOND),
  row('Radius', ['SSTP'], 'Linux', ['sstpc'], BEYOND),
  row('Radius', ['OpenVPN'], 'Windows', ['Azure VPN Client', ...OPENVPN_CLIENTS], BEYOND),
  row('Radius', ['OpenVPN'], 'macOS', ['Azure VPN Client', ...OPENVPN_CLIENTS], BEYOND),
  row('Radius', ['OpenVPN'], 'iOS', ['OpenVPN client 3.x'], BEYOND),
  row('Radius', ['OpenVPN'], 'Linux', OPENVPN_CLIENTS, BEYOND),
  row('Radius', ['OpenVPN'], 'Android', ['OpenVPN client 3.x'], BEYOND),
]

/** One cell of the client table. */
export interface ServedClient {
  readonly authentication: AuthenticationType
  readonly tunnel: ClientProtocol
  readonly system: ClientSystem
  readonly program: ClientProgram
}

/** The clients that a gateway serves which takes these methods over these tunnel types. */
export function servedClients(
  methods: ReadonlyMap<ClientProtocol, ReadonlySet<AuthenticationType>>,
): ServedClient[] {
  return CLIENT_ROWS.flatMap(({ authentication, tunnels, system, programs }) =>
    tunnels
      .filter(tunnel => methods.get(tunnel)?.has(authentication))
      .flatMap(tunnel => programs.map(program => ({ authentication, tunnel, system, program }))),
  )
}
