import { parseIpAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { ConnectionRecord, TunnelRecord } from '../site/connection-record.ts'
import type { SiteConnection } from '../site/site-configuration.ts'
import { connectionNamed, connectionViews } from './connection-view.ts'

const GROUP = '/subscriptions/s/resourcegroups/rg/providers/microsoft.network/connections'

/** What of a connection its view is made of. */
function connection(name: string, changes: Partial<SiteConnection> = {}): SiteConnection {
  const address = parseIpAddress('203.0.113.9')
  return {
    id: `${GROUP}/${name.toLowerCase()}`,
    name,
    mode: 'Default',
    remote: { type: 'address', address },
    authentication: { type: 'psk', secret: new TextEncoder().encode('never tell') },
    ...changes,
  } as SiteConnection
}

const counters = { authenticationFailures: 0, replays: 2, sourceViolations: 0, refused: 0, sendDrops: 1 }
const tunnel: TunnelRecord = {
  ...{ ...counters, selectorMismatchesReceived: 0, selectorMismatchesSent: 0, natDrops: 0 },
  tunnel: 'site',
  status: 'Connected',
  reason: { code: 'up', message: 'up' },
  lastEstablishedSeconds: undefined,
  bytesReceived: 1,
  bytesSent: 2,
  packetsReceived: 3,
  packetsSent: 4,
  sessions: [],
}

describe('views of connections', () => {
  it('are by name, with what stands of each, and nothing of a key', () => {
    const remote = { type: 'name', name: 'site.example.org' } as const
    const connections = [connection('b'), connection('A', { remote })]
    const reason = { code: 'up', message: 'a tunnel is up' } as const
    const record: ConnectionRecord = {
      ...{ id: `${GROUP}/b`, name: 'b', status: 'Connected', reason, notes: ['a note'] },
      tunnels: [tunnel],
    }
    const views = connectionViews({ connections }, [record])
    expect(views).toMatchObject([
      { name: 'A', status: 'Unknown', peer: 'site.example.org', tunnels: [] },
      { name: 'b', status: 'Connected', authentication: 'PSK', peer: '203.0.113.9', notes: ['a note'] },
    ])
    expect(views[1]?.tunnels[0]).toMatchObject({ bytesReceived: 1, drops: { replays: 2, sendDrops: 1 } })
    expect(views[1]?.tunnels[0]).not.toHaveProperty('lastEstablishedSeconds')
    expect(JSON.stringify(views)).not.toContain('never tell')
  })
})

describe('a connection is named', () => {
  const all = [
    { id: `${GROUP}/a`, name: 'a' },
    { id: `${GROUP.replace('/rg/', '/other/')}/b`, name: 'b' },
    { id: `${GROUP}/b`, name: 'B' },
  ]

  it('by its name or its id, whatever its case', () => {
    expect(connectionNamed(all, 'A')).toBe(all[0])
    expect(connectionNamed(all, `${GROUP}/B`.toUpperCase())).toBe(all[2])
  })

  it.each([
    ['b', /^several connections are called 'b'; give the id, such as .*other/],
    ['c', /^there is no connection 'c'; there are B, a, b$/],
    [`${GROUP}/c`, /^there is no connection '/],
  ])('and %j is told', (text, message) => {
    expect(() => connectionNamed(all, text)).toThrow(message)
    expect(() => connectionNamed([], text)).toThrow(/there is none at all$/)
  })
})
