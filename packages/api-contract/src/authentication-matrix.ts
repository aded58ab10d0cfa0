import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  PROTOCOL_AUTHENTICATION,
} from './client-protocol.ts'

/** One row of the table of authentication mechanisms: for a set of tunnel types, what may be configured. */
export interface AuthenticationRow {
  readonly tunnels: readonly ClientProtocol[]
  /** Each is one configuration: all of its types together, and no other. */
  readonly allowed: readonly (readonly AuthenticationType[])[]
  /** `azure`: the seed's table has the row; `causeway`: decided here, because the table has none. */
  readonly source: 'azure' | 'causeway'
}

/** RADIUS or certificates, never both: what serves the tunnel types that Entra ID cannot. */
const ONE_OF: AuthenticationRow['allowed'] = [['Radius'], ['Certificate']]
/** The same, and Entra ID beside it for OpenVPN. */
const ONE_OF_AND_ENTRA: AuthenticationRow['allowed'] = [...ONE_OF, ['AAD', 'Radius'], ['AAD', 'Certificate']]

/**
 * The seed's table of tunnel types and authentication mechanisms, in its order, then ours.
 *
 * Azure cannot have OpenVPN and SSTP together, with or without IKEv2, and so its table says nothing of them.
 * Decided here: SSTP signs in as IKEv2 does (the table has the same for both), so such a gateway may have what
 * "IKEv2 and OpenVPN" may have, and Entra ID serves OpenVPN alone there too.
 */
export const AUTHENTICATION_ROWS: readonly AuthenticationRow[] = [
  {
    tunnels: ['OpenVPN'],
    allowed: [
      ['AAD'],
      ['Radius'],
      ['Certificate'],
      ['AAD', 'Radius'],
      ['AAD', 'Certificate'],
      ['Radius', 'Certificate'],
      ['AAD', 'Radius', 'Certificate'],
    ],
    source: 'azure',
  },
  { tunnels: ['SSTP'], allowed: ONE_OF, source: 'azure' },
  { tunnels: ['IkeV2'], allowed: ONE_OF, source: 'azure' },
  { tunnels: ['IkeV2', 'OpenVPN'], allowed: ONE_OF_AND_ENTRA, source: 'azure' },
  { tunnels: ['IkeV2', 'SSTP'], allowed: ONE_OF, source: 'azure' },
  { tunnels: ['SSTP', 'OpenVPN'], allowed: ONE_OF_AND_ENTRA, source: 'causeway' },
  { tunnels: ['IkeV2', 'SSTP', 'OpenVPN'], allowed: ONE_OF_AND_ENTRA, source: 'causeway' },
]

/** What a configuration comes to: who may sign in how, or why it is refused. */
export type AuthenticationVerdict =
  | {
      readonly type: 'allowed'
      /** For every tunnel type at least one. */
      readonly methods: ReadonlyMap<ClientProtocol, ReadonlySet<AuthenticationType>>
    }
  | {
      readonly type: 'refused'
      /** As `IkeV2 cannot have AAD`. */
      readonly problem: string
      /** The rows that would be allowed: other types for these tunnel types, other tunnel types for these types. */
      readonly remedy: string
    }

/**
 * Finds tunnel types and authentication types in the table. Entra ID serves OpenVPN alone, whatever else is on.
 *
 * @param types what is configured for the gateway; ARM has one list for all of its tunnel types.
 */
export function judgeAuthentication(
  tunnels: ReadonlySet<ClientProtocol>,
  types: ReadonlySet<AuthenticationType>,
): AuthenticationVerdict {
  const row = AUTHENTICATION_ROWS.find(each => isSame(each.tunnels, tunnels))
  if (!row)
    return { type: 'refused', problem: 'there is no tunnel type', remedy: 'add one, with a type of its row' }
  if (!row.allowed.some(allowed => isSame(allowed, types))) return refusal(row, types)
  return { type: 'allowed', methods: new Map(row.tunnels.map(tunnel => [tunnel, methodsOf(tunnel, types)])) }
}

function methodsOf(
  tunnel: ClientProtocol,
  types: ReadonlySet<AuthenticationType>,
): ReadonlySet<AuthenticationType> {
  return new Set(PROTOCOL_AUTHENTICATION[tunnel].filter(type => types.has(type)))
}

function refusal(row: AuthenticationRow, types: ReadonlySet<AuthenticationType>): AuthenticationVerdict {
  const what = all(AUTHENTICATION_TYPES.filter(type => types.has(type)))
  const together = types.size > 1 ? ' together' : types.size === 1 && row.tunnels.length > 1 ? ' alone' : ''
  const others = AUTHENTICATION_ROWS.filter(({ allowed }) => allowed.some(each => isSame(each, types)))
  const elsewhere = `; ${what}${together} may be had with ${any(others.map(({ tunnels }) => all(tunnels)))}`
  return {
    type: 'refused',
    problem: `${all(row.tunnels)} cannot have ${what === '' ? 'no authentication type' : `${what}${together}`}`,
    remedy: `use ${any(row.allowed.map(all))}${others.length > 0 ? elsewhere : ''}`,
  }
}

function isSame<Name>(listed: readonly Name[], set: ReadonlySet<Name>): boolean {
  return listed.length === set.size && listed.every(name => set.has(name))
}

/** In the order of the tables, whatever the order of a row. */
function all(names: readonly (ClientProtocol | AuthenticationType)[]): string {
  const order: readonly string[] = [...CLIENT_PROTOCOLS, ...AUTHENTICATION_TYPES]
  return names.toSorted((one, other) => order.indexOf(one) - order.indexOf(other)).join(' and ')
}

function any(texts: readonly string[]): string {
  return texts.join(', or ')
}
