import { expect, test } from 'vitest'
import { type Harness, openGateway, prefix } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import { selector } from './esp-peer.suite.ts'
import { textPacket } from './inner-packet.suite.ts'

export function describeReachMisuse(harness: Harness): void {
  const good = selector('192.0.2.0/24')
  const bad: readonly [string, unknown][] = [
    ['more than 255 destinations', new Array(256).fill(good)],
    ['null', null],
    ['text', '192.0.2.0/24'],
    ['a prefix', [prefix('192.0.2.0/24')]],
    ['a hole', new Array(1)],
    ['ports in the wrong order', [{ ...good, startPort: 2, endPort: 1 }]],
    ['a port past all', [{ ...good, endPort: 65536 }]],
    ['a protocol past all', [{ ...good, protocol: 256 }]],
    ['addresses of two families', [{ ...good, end: selector('::/0').end }]],
    ['addresses in the wrong order', [{ ...good, start: good.end, end: good.start }]],
    ['an address of three bytes', [{ ...good, start: { family: 4, bytes: new Uint8Array(3) } }]],
  ]
  test.each(bad)('%s: refused, and the limit is as before', async (_, destinations) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.limitFlow(client.flow, [good])
    expect(codeOf(() => datapath.limitFlow(client.flow, wrong(destinations)))).toBe('ERR_DATAPATH_ARGUMENT')
    client.send(textPacket('10.8.0.2', '198.51.100.1', 'outside'))
    await client.expectNothingBefore()
  })

  test('a flow that is closed, and a closed datapath, have no limit', async () => {
    const gateway = await openGateway(harness.fixture)
    const { flow } = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.limitFlow(flow, [good])
    datapath.closeFlow(flow)
    expect(codeOf(() => datapath.limitFlow(flow, [good]))).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    expect(codeOf(() => datapath.limitFlow(flow, undefined))).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    datapath.close()
    expect(codeOf(() => datapath.limitFlow(flow, [good]))).toBe('ERR_DATAPATH_CLOSED')
  })
}
