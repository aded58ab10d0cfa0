import { describe, expect, it } from 'vitest'
import { AUTHENTICATION_ROWS, judgeAuthentication } from './authentication-matrix.ts'
import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
} from './client-protocol.ts'

/** Every subset but the empty one. */
function subsets<Name>(names: readonly Name[]): Name[][] {
  const masks = Array.from({ length: 2 ** names.length - 1 }, (_, i) => i + 1)
  return masks.map(mask => names.filter((_, i) => (mask >> i) & 1))
}

/** The seed's table, cell by cell, in words; `-`: not to be had. */
const CELLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  OpenVPN: {
    Certificate: 'OpenVPN: Certificate',
    Radius: 'OpenVPN: Radius',
    'Certificate Radius': 'OpenVPN: Radius Certificate',
    AAD: 'OpenVPN: AAD',
    'Certificate AAD': 'OpenVPN: AAD Certificate',
    'Radius AAD': 'OpenVPN: AAD Radius',
    'Certificate Radius AAD': 'OpenVPN: AAD Radius Certificate',
  },
  SSTP: one('SSTP'),
  IkeV2: one('IkeV2'),
  'IkeV2 SSTP': one('IkeV2', 'SSTP'),
  'IkeV2 OpenVPN': oneAndEntra('IkeV2'),
  'SSTP OpenVPN': oneAndEntra('SSTP'),
  'IkeV2 SSTP OpenVPN': oneAndEntra('IkeV2', 'SSTP'),
}

function one(...tunnels: ClientProtocol[]) {
  const each = (type: string): string => tunnels.map(tunnel => `${tunnel}: ${type}`).join(', ')
  return {
    Certificate: each('Certificate'),
    Radius: each('Radius'),
    'Certificate Radius': '-',
    AAD: '-',
    'Certificate AAD': '-',
    'Radius AAD': '-',
    'Certificate Radius AAD': '-',
  }
}

function oneAndEntra(...others: ClientProtocol[]): Record<string, string> {
  const alone = one(...others)
  return {
    ...alone,
    Certificate: `${alone.Certificate}, OpenVPN: Certificate`,
    Radius: `${alone.Radius}, OpenVPN: Radius`,
    'Certificate AAD': `${alone.Certificate}, OpenVPN: AAD Certificate`,
    'Radius AAD': `${alone.Radius}, OpenVPN: AAD Radius`,
  }
}

const judge = (tunnels: readonly ClientProtocol[], types: readonly AuthenticationType[]) =>
  judgeAuthentication(new Set(tunnels), new Set(types))

describe('the table of authentication mechanisms', () => {
  it("has the seed's rows in its order, and one for every other set of tunnel types", () => {
    expect(AUTHENTICATION_ROWS.map(({ tunnels, source }) => `${source}: ${tunnels.join(' and ')}`)).toEqual([
      'azure: OpenVPN',
      'azure: SSTP',
      'azure: IkeV2',
      'azure: IkeV2 and OpenVPN',
      'azure: IkeV2 and SSTP',
      'causeway: SSTP and OpenVPN',
      'causeway: IkeV2 and SSTP and OpenVPN',
    ])
  })

  const cells = subsets(CLIENT_PROTOCOLS).flatMap(tunnels =>
    subsets(AUTHENTICATION_TYPES).map(types => {
      const wanted = CELLS[tunnels.join(' ')]?.[types.join(' ')]
      return [tunnels.join(' '), types.join(' '), wanted, tunnels, types] as const
    }),
  )

  it.each(cells)('%s with %s: %s', (_tunnels, _types, wanted, tunnels, types) => {
    const verdict = judge(tunnels, types)
    const words =
      verdict.type === 'refused'
        ? '-'
        : [...verdict.methods].map(([tunnel, methods]) => `${tunnel}: ${[...methods].join(' ')}`).join(', ')
    expect(words).toBe(wanted)
  })
})

describe('a refusal', () => {
  it.each([
    [
      ['IkeV2', 'OpenVPN'],
      ['Radius', 'Certificate'],
      'IkeV2 and OpenVPN cannot have Certificate and Radius together',
      'use Radius, or Certificate, or Radius and AAD, or Certificate and AAD; ' +
        'Certificate and Radius together may be had with OpenVPN',
    ],
    [['SSTP'], ['AAD'], 'SSTP cannot have AAD', 'use Radius, or Certificate; AAD may be had with OpenVPN'],
    [
      ['IkeV2', 'OpenVPN'],
      ['AAD'],
      'IkeV2 and OpenVPN cannot have AAD alone',
      'use Radius, or Certificate, or Radius and AAD, or Certificate and AAD; AAD alone may be had with OpenVPN',
    ],
    [
      ['IkeV2', 'SSTP'],
      ['AAD', 'Radius'],
      'IkeV2 and SSTP cannot have Radius and AAD together',
      'use Radius, or Certificate; Radius and AAD together may be had with OpenVPN, or IkeV2 and OpenVPN, ' +
        'or SSTP and OpenVPN, or IkeV2 and SSTP and OpenVPN',
    ],
    [['IkeV2'], [], 'IkeV2 cannot have no authentication type', 'use Radius, or Certificate'],
    [[], ['AAD'], 'there is no tunnel type', 'add one, with a type of its row'],
  ] as [ClientProtocol[], AuthenticationType[], string, string][])(
    'of %j with %j names the rows that would be allowed',
    (tunnels, types, problem, remedy) => {
      expect(judge(tunnels, types)).toEqual({ type: 'refused', problem, remedy })
    },
  )

  it('is of every cell that is not in the table, each with a way out', () => {
    const refused = subsets(CLIENT_PROTOCOLS).flatMap(tunnels =>
      subsets(AUTHENTICATION_TYPES).flatMap(types => {
        const verdict = judge(tunnels, types)
        return verdict.type === 'refused' ? verdict.remedy : []
      }),
    )
    expect(refused).toHaveLength(24)
    expect(refused.filter(remedy => !/^use Radius, or Certificate/.test(remedy))).toEqual([])
  })
})
