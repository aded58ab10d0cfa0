import {
  AUTHENTICATION_ROWS,
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  type AuthenticationVerdict,
  CLIENT_ROWS,
  type ClientProtocol,
  judgeAuthentication,
  PROTOCOL_AUTHENTICATION,
  type ServedClient,
} from '@causeway/api-contract'

// The cells of both tables of the seed, made from the data that the gateway itself reads: none can be forgotten.

/** A cell of the client table for one tunnel type and one authentication type, each program for itself. */
export function clientCells(tunnel: ClientProtocol, authentication: AuthenticationType): ServedClient[] {
  return CLIENT_ROWS.filter(
    row => row.authentication === authentication && row.tunnels.includes(tunnel),
  ).flatMap(({ system, programs }) => programs.map(program => ({ authentication, tunnel, system, program })))
}

/** Somebody of a system who brings what the gateway does not take over this tunnel type. */
export interface WrongSignIn extends ServedClient {
  /** What the gateway takes in its place. */
  readonly taken: AuthenticationType
}

/**
 * For each system that has a client of the tunnel type, and each way to sign in that a client of it has: its first such
 * program, at a gateway that takes another type alone.
 */
export function wrongSignIns(tunnel: ClientProtocol, taken: AuthenticationType): WrongSignIn[] {
  const others = PROTOCOL_AUTHENTICATION[tunnel].filter(type => type !== taken)
  const cells = others.flatMap(type => clientCells(tunnel, type))
  const first = new Map(cells.toReversed().map(cell => [`${cell.system} ${cell.authentication}`, cell]))
  return cells.filter(cell => [...first.values()].includes(cell)).map(cell => ({ ...cell, taken }))
}

/** A cell of the table of authentication mechanisms: a set of tunnel types and a set of authentication types. */
export interface MechanismCell {
  readonly tunnels: readonly ClientProtocol[]
  readonly types: readonly AuthenticationType[]
  readonly verdict: AuthenticationVerdict
}

/** Every row, with every set of authentication types but the empty one. */
export const MECHANISM_CELLS: readonly MechanismCell[] = AUTHENTICATION_ROWS.flatMap(({ tunnels }) =>
  subsets(AUTHENTICATION_TYPES).map(types => ({
    tunnels,
    types,
    verdict: judgeAuthentication(new Set(tunnels), new Set(types)),
  })),
)

function subsets<Name>(names: readonly Name[]): Name[][] {
  const masks = Array.from({ length: 2 ** names.length - 1 }, (_, i) => i + 1)
  return masks.map(mask => names.filter((_, i) => (mask >> i) & 1))
}

/** With a title for a test. */
export function titled<Cell extends ServedClient>(cells: readonly Cell[]): (readonly [string, Cell])[] {
  return cells.map(cell => [`${cell.system}: ${cell.program} by ${cell.authentication}`, cell])
}
