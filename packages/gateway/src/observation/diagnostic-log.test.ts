import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { clientCredentials, root } from '../testing/credentials.suite.ts'
import { address, prefix, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'
import { type DIAGNOSTIC_CATEGORIES, DiagnosticLogs } from './diagnostic-log.ts'
import { ikeMessageText } from './ike-message.ts'

let site: TestGateway | undefined

afterEach(async () => {
  await site?.stop()
  site = undefined
})

const COLUMNS = { resource: 'gw', resourceGroup: 'rg', instance: 'GatewayTenantWorker_IN_0' }

/** Lines of a category, without those of other categories. */
function linesOf(category: keyof typeof DIAGNOSTIC_CATEGORIES): { msg: string }[] {
  return (site?.recorded.lines ?? []).filter(({ category: told }) => told === category)
}

test('the life of a gateway and its clients is told by category, with the columns of Azure', async () => {
  site = await testGateway({ name: 'gw', resourceGroup: 'rg' })
  const { gateway, configuration } = site
  const alice = await site.connectAs('alice')
  await site.connect(site.profile(await clientCredentials(await root('Other'), 'mallory'))).failed
  await alice.stop()
  await site.eventually(() => gateway.sessions().length === 0)
  await gateway.apply({ ...configuration, insidePrefixes: [prefix('10.2.0.0/16')] })
  await gateway.apply({ ...configuration, insidePrefixes: [prefix('10.2.0.0/16')] })
  expect(linesOf('P2SDiagnosticLog')).toMatchObject([
    { ...COLUMNS, operationName: 'P2SLogEvent', msg: 'alice connected' },
    {
      ...COLUMNS,
      operationName: 'P2SLogEvent',
      msg: expect.stringMatching(/^client refused: .*trusted root/),
    },
    { ...COLUMNS, operationName: 'P2SLogEvent', msg: expect.stringMatching(/^alice disconnected: /) },
  ])
  expect(linesOf('GatewayDiagnosticLog')).toMatchObject([
    { ...COLUMNS, operationName: 'SetGatewayConfiguration' },
    { msg: 'configuration applied' },
    { msg: 'configuration applied' },
  ])
  const inside = 'routes to clients: 10.8.0.0/24, fd00:8::/64; to the inside:'
  expect(linesOf('RouteDiagnosticLog')).toMatchObject([
    { ...COLUMNS, operationName: 'StaticRouteUpdate', msg: `${inside} 10.1.0.0/16` },
    { msg: `${inside} 10.2.0.0/16` },
  ])
})

test('lines to come are of another resource', () => {
  const lines: string[] = []
  const logs = new DiagnosticLogs(pino({}, { write: line => void lines.push(line) }), { name: 'a' })
  const ofOneClient = logs.p2s.child({ client: 1 })
  for (const log of [logs.p2s, ofOneClient]) log.info('one')
  logs.use({ name: 'b', resourceGroup: 'rg' })
  for (const log of [logs.p2s, ofOneClient]) log.info('two')
  const [a, b] = [
    { resource: 'a', resourceGroup: '' },
    { resource: 'b', resourceGroup: 'rg' },
  ]
  expect(lines.map(line => JSON.parse(line))).toMatchObject([a, { ...a, client: 1 }, b, { ...b, client: 1 }])
  for (const line of lines) expect(line.match(/"resource":/g)).toHaveLength(1)
})

test('a connection is told by its own resource, and a tunnel by what became of it', () => {
  const lines: string[] = []
  const logs = new DiagnosticLogs(pino({}, { write: line => void lines.push(line) }), { name: 'gw' })
  const log = logs.tunnel({ name: 'to-berlin', resourceGroup: 'sites' })
  const [tunnel, remoteIP] = ['to-berlin_192.0.2.1', '198.51.100.7']
  const up = { tunnel, to: 'connected' } as const
  log.tell({ level: 'info', code: 'up', message: 'is up', change: up }, { remoteIP })
  const down = { tunnel, to: 'disconnected' } as const
  log.tell({ level: 'error', code: 'closed', message: 'is down: silent', change: down })
  logs.use({ name: 'other' })
  log.tell({ level: 'warning', code: 'certificate-expiring', message: 'ends in less than a day' })
  const all = {
    category: 'TunnelDiagnosticLog',
    resource: 'to-berlin',
    resourceGroup: 'sites',
    instance: 'GatewayTenantWorker_IN_0',
  }
  const told = lines.map(line => JSON.parse(line))
  expect(told).toMatchObject([
    { ...all, operationName: 'TunnelConnected', tunnel, status: 'Connected', remoteIP, level: 30 },
    { ...all, operationName: 'TunnelDisconnected', tunnel, stateChangeReason: 'closed', level: 50 },
    { ...all, code: 'certificate-expiring', msg: 'ends in less than a day', level: 40 },
  ])
  expect(told[2]).not.toHaveProperty('operationName')
})

test('an IKE message is told by its header, in the form of Azure', () => {
  const message = new Uint8Array(32)
  message.set([0xaa, 1, 2, 3, 4, 5, 6, 7])
  message.set([0x21, 0x20, 34, 0x08, 0, 0, 0, 0, 0, 0, 0, 32], 16)
  const [remote, local] = ['198.51.100.7', '192.0.2.1'].map(text => ({ address: address(text), port: 500 }))
  if (!remote || !local) throw new Error('no endpoints')
  const cookies = 'iCookie=0xaa01020304050607 rCookie=0x0000000000000000'
  expect(ikeMessageText('RECEIVED', remote, local, message)).toBe(
    `Remote 198.51.100.7:500: Local 192.0.2.1:500: [RECEIVED][IKE_SA_INIT] request 0, 32 bytes, ${cookies}`,
  )
  message.set([99, 0x20, 0, 0, 0, 7], 18)
  expect(ikeMessageText('SEND', remote, local, message)).toContain('[SEND][EXCHANGE_99] response 7')
  expect(ikeMessageText('SEND', remote, local, message.subarray(0, 27))).toBeUndefined()
})
