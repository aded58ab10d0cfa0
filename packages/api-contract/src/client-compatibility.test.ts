import { describe, expect, it } from 'vitest'
import { AUTHENTICATION_ROWS, judgeAuthentication } from './authentication-matrix.ts'
import { CLIENT_ROWS, servedClients } from './client-compatibility.ts'
import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  type ClientProtocol,
  PROTOCOL_AUTHENTICATION,
} from './client-protocol.ts'

/** The seed's client table: authentication, tunnel types, system, program. */
const SEED = [
  'Certificate | IkeV2, SSTP | Windows | Native VPN client',
  'Certificate | IkeV2 | macOS | Native VPN client',
  'Certificate | IkeV2 | Linux | strongSwan',
  'Certificate | OpenVPN | Windows | Azure VPN Client, OpenVPN client 2.x, OpenVPN client 3.x',
  'Certificate | OpenVPN | macOS | OpenVPN client 2.x, OpenVPN client 3.x',
  'Certificate | OpenVPN | iOS | OpenVPN client 3.x',
  'Certificate | OpenVPN | Linux | Azure VPN Client, OpenVPN client 2.x, OpenVPN client 3.x',
  'AAD | OpenVPN | Windows | Azure VPN Client',
  'AAD | OpenVPN | macOS | Azure VPN Client',
  'AAD | OpenVPN | Linux | Azure VPN Client',
]

function served(tunnels: ClientProtocol[], types: AuthenticationType[]): string[] {
  const verdict = judgeAuthentication(new Set(tunnels), new Set(types))
  if (verdict.type === 'refused') throw new Error(verdict.problem)
  return servedClients(verdict.methods).map(({ authentication, tunnel, system, program }) => {
    return `${authentication} ${tunnel} ${system} ${program}`
  })
}

describe('the client table', () => {
  it("is the seed's, and ours after it", () => {
    const lines = CLIENT_ROWS.filter(({ source }) => source === 'azure').map(
      ({ authentication, tunnels, system, programs }) =>
        [authentication, tunnels.join(', '), system, programs.join(', ')].join(' | '),
    )
    expect(lines).toEqual(SEED)
    expect(CLIENT_ROWS.slice(0, SEED.length).every(({ source }) => source === 'azure')).toBe(true)
  })

  it('speaks only of what the tunnel types can do, and of all that they can', () => {
    const cells = CLIENT_ROWS.flatMap(({ authentication, tunnels }) =>
      tunnels.map(tunnel => `${tunnel} ${authentication}`),
    )
    const possible = Object.entries(PROTOCOL_AUTHENTICATION).flatMap(([tunnel, types]) =>
      types.map(type => `${tunnel} ${type}`),
    )
    expect(new Set(cells)).toEqual(new Set(possible))
  })

  it('has each cell once', () => {
    const cells = CLIENT_ROWS.flatMap(({ authentication, tunnels, system, programs }) =>
      tunnels.flatMap(tunnel => programs.map(program => [authentication, tunnel, system, program].join(' '))),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })
})

describe('servedClients', () => {
  const cells = CLIENT_ROWS.flatMap(({ authentication, tunnels, system, programs }) =>
    tunnels.flatMap(tunnel =>
      programs.map(
        program => [`${authentication} ${tunnel} ${system} ${program}`, authentication, tunnel] as const,
      ),
    ),
  )

  it.each(cells)('%s: by this authentication type alone, and by no other', (cell, authentication, tunnel) => {
    expect(served([tunnel], [authentication])).toContain(cell)
    for (const other of AUTHENTICATION_TYPES)
      if (other !== authentication && PROTOCOL_AUTHENTICATION[tunnel].includes(other))
        expect(served([tunnel], [other])).not.toContain(cell)
  })

  it('serves Entra ID over OpenVPN alone, where IKEv2 is on too', () => {
    const clients = served(['IkeV2', 'OpenVPN'], ['AAD', 'Radius'])
    expect(clients.filter(client => client.startsWith('AAD '))).toEqual([
      'AAD OpenVPN Windows Azure VPN Client',
      'AAD OpenVPN macOS Azure VPN Client',
      'AAD OpenVPN Linux Azure VPN Client',
    ])
    expect(clients).toContain('Radius IkeV2 Windows Native VPN client')
  })

  it('serves somebody with every allowed configuration, over each of its tunnel types', () => {
    for (const { tunnels, allowed } of AUTHENTICATION_ROWS)
      for (const types of allowed) {
        const clients = served([...tunnels], [...types])
        for (const tunnel of tunnels)
          expect(clients.some(client => client.includes(` ${tunnel} `))).toBe(true)
      }
  })
})
