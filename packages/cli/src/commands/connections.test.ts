import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionView, IkeSaView } from '@causeway/api-contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gatewayOn, runOn } from '../running-gateway.suite.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-connections-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const now = Date.now() / 1_000
const session: IkeSaView = {
  ...{ initiatorSpi: '0011223344556677', isInitiator: true, isCarrier: true, method: 'psk' },
  ...{ local: '198.51.100.7:4500', remote: '203.0.113.9:4500' },
  ...{ localIdentity: '198.51.100.7', remoteIdentity: 'site\u001b[2J' },
  suite: { encryption: 'AES-GCM-256', integrity: 'none', prf: 'SHA-384', group: 'ECP-384' },
  natDetected: { local: false, remote: true },
  establishedSeconds: now - 3_700,
  children: [
    {
      ...{ receiveSpi: 0xabc, sendSpi: 0xdef01234, encryption: 'AES-GCM-256', integrity: 'none', group: '' },
      ...{ local: ['10.1.0.0/16'], remote: ['10.2.0.0/16'], establishedSeconds: now - 60 },
      ...{ bytesReceived: 1_500, bytesSent: 20 },
    },
  ],
}
const connected: ConnectionView = {
  ...{ id: '/subscriptions/s/x/a', name: 'a', authentication: 'PSK', mode: 'Default', peer: '203.0.113.9' },
  status: 'Connected',
  reason: { code: 'up', message: 'a tunnel is up' },
  tunnels: [
    {
      ...{ tunnel: 'a_198.51.100.7', status: 'Connected', reason: { code: 'up', message: 'up' } },
      lastEstablishedSeconds: now - 3_700,
      ...{ bytesReceived: 2_500_000, bytesSent: 300, packetsReceived: 1, packetsSent: 1 },
      drops: { replays: 2, refused: 0 },
      sessions: [session],
    },
  ],
  notes: [],
}
const down: ConnectionView = {
  ...connected,
  ...{
    id: '/subscriptions/s/x/b',
    name: 'b',
    authentication: 'Certificate',
    status: 'NotConnected',
    tunnels: [],
  },
  reason: { code: 'certificate-refused', message: 'the identity lacks a role' },
}

describe('causeway connections', () => {
  it('shows how each stands', async () => {
    await gatewayOn(directory, { result: { connections: [connected, down] } })
    const { output } = await runOn(directory, ['connections'])
    expect(output.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['NAME', 'TYPE', 'STATUS', 'PEER', 'RECEIVED', 'SENT', 'UP FOR', 'REASON'],
      ['a', 'PSK', 'Connected', '203.0.113.9', '2.5 MB', '300 B', '1 h 1 min', 'a tunnel is up'],
      ['b', 'Certificate', 'NotConnected', '203.0.113.9', '0 B', '0 B', '-', 'the identity lacks a role'],
    ])
  })

  it('says that there is none', async () => {
    await gatewayOn(directory, { result: { connections: [] } })
    expect((await runOn(directory, ['connections'])).output).toBe('no connections')
  })
})

describe('causeway connection show', () => {
  it('has the SAs, and nothing of the peer that steers the terminal', async () => {
    await gatewayOn(directory, { result: { connections: [connected, down] } })
    const { output } = await runOn(directory, ['connection', 'show', 'A'])
    expect(output.split('\n')).toEqual([
      'a: Connected (a tunnel is up)',
      '  id           /subscriptions/s/x/a',
      '  type         PSK, mode Default',
      '  peer         203.0.113.9',
      '  tunnel a_198.51.100.7: Connected (up), 2.5 MB in, 300 B out',
      '    dropped: 2 replays',
      '    IKE SA 0011223344556677: begun here 1 h 1 min ago, carries the traffic, behind NAT',
      '      198.51.100.7:4500 to 203.0.113.9:4500, by psk',
      '      we are 198.51.100.7, the peer is site?[2J',
      '      AES-GCM-256, none, SHA-384, ECP-384',
      '      Child SA 00000abc in, def01234 out: 1 min 0 s old, 1.5 kB in, 20 B out',
      '        AES-GCM-256, none',
      '        10.1.0.0/16 to 10.2.0.0/16',
    ])
  })

  it.each([
    ['c', /there is no connection 'c'; `causeway connections` shows all/],
    ['a', /several connections are called 'a'; give the id, such as \/subscriptions\/s\/x\/a/],
  ])('%s is told', async (name, message) => {
    const twin = { ...connected, id: '/subscriptions/s/y/a' }
    await gatewayOn(directory, { result: { connections: [connected, twin] } })
    const { exitCode, errors } = await runOn(directory, ['connection', 'show', name])
    expect([exitCode, errors]).toEqual([1, [expect.stringMatching(message)]])
  })
})

it('causeway connection reset tells of which', async () => {
  const requests = await gatewayOn(directory, { result: { id: connected.id, name: 'a' } })
  expect(await runOn(directory, ['connection', 'reset', 'a'])).toMatchObject({
    exitCode: 0,
    output: 'the connection a begins anew',
  })
  expect(JSON.parse(requests[0] ?? '')).toMatchObject({ method: 'connection.reset', params: { name: 'a' } })
})

describe('causeway doctor CONNECTION', () => {
  it('fails with the first broken link', async () => {
    const findings = [
      { check: 'gateway', state: 'good', detail: 'gw runs' },
      { check: 'identity', state: 'bad', detail: 'none is assigned', fix: 'assign one' },
    ]
    const result = { connection: '/x', findings, firstBroken: 'identity' }
    const requests = await gatewayOn(directory, { result })
    const { exitCode, output } = await runOn(directory, ['doctor', 'a'])
    expect(JSON.parse(requests[0] ?? '')).toMatchObject({
      method: 'connection.doctor',
      params: { name: 'a' },
    })
    expect([exitCode, output.split('\n')]).toEqual([
      1,
      [
        'ok    gateway: gw runs',
        'BAD   identity: none is assigned; fix: assign one',
        'the first broken link: identity',
      ],
    ])
  })

  it('is done when no link is broken', async () => {
    const findings = [{ check: 'expiry', state: 'warning', detail: 'ends in 3 days', fix: 'renew it' }]
    await gatewayOn(directory, { result: { connection: '/x', findings } })
    const { exitCode, output } = await runOn(directory, ['doctor', 'a'])
    expect([exitCode, output.split('\n').at(-1)]).toEqual([0, 'no link is broken'])
  })

  it('says what it cannot see while nothing runs', async () => {
    const { exitCode, output } = await runOn(directory, ['doctor', 'a', '--json'])
    expect(exitCode).toBe(1)
    expect(JSON.parse(output)).toMatchObject({
      connection: 'a',
      firstBroken: 'process',
      findings: [{ state: 'bad', detail: expect.stringContaining('can be seen'), fix: expect.any(String) }],
    })
  })
})
