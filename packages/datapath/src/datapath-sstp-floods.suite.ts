import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { connectSstp, ECHO_REQUEST, SstpClient, sstpData } from './datapath-sstp-fixture.suite.ts'

/** The shortest packet that comes up: a frame of nothing. */
const EMPTY = sstpData(new Uint8Array(0))
/** As many as a socket may give at once. */
const FLOOD = new Uint8Array(Buffer.concat(Array.from({ length: 16_384 }, () => EMPTY)))
/** More than a peer has reason to send at once, and far less than a flood. */
const BEARABLE = 256
/** More than a peer has reason to leave unread. */
const UNREAD_BYTES = 128 * 1024

/** What one peer may cost the others. */
export function describeSstpFloods(harness: Harness): void {
  test('of a flood of control packets most are dropped, and nobody else loses one', async () => {
    const [hostile, honest] = [new SstpClient(harness.fixture), new SstpClient(harness.fixture)]
    hostile.input(FLOOD)
    honest.input(ECHO_REQUEST)
    await harness.fixture.settle()
    expect(honest.control()).toEqual([ECHO_REQUEST])
    expect(hostile.control().length).toBeGreaterThan(0)
    expect(hostile.control().length).toBeLessThan(BEARABLE)
    expect(harness.fixture.datapath.totals().controlOverflow).toBe(16_384 - hostile.control().length)
  })

  test('a flood does not hold up data behind it', async () => {
    const { gateway, client } = await connectSstp(harness.fixture)
    client.input(FLOOD)
    client.send(client.toHost('behind'))
    await gateway.expectHost([client.toHost('behind')])
  })

  test('who sent too many is heard again after a while', async () => {
    const client = new SstpClient(harness.fixture)
    client.input(FLOOD)
    await harness.fixture.settle()
    const heard = client.control().length
    await harness.fixture.advance(1_000)
    client.input(ECHO_REQUEST)
    await harness.fixture.settle()
    expect(client.control().slice(heard)).toEqual([ECHO_REQUEST])
  })

  test('control packets for a peer that does not read are bounded', () => {
    const client = new SstpClient(harness.fixture)
    const { datapath } = harness.fixture
    for (let i = 0; i < 100; i++)
      datapath.streamControl(client.stream, new Array<Uint8Array>(1_000).fill(ECHO_REQUEST))
    const waited = client.takePackets()
    expect(waited.length).toBeGreaterThan(1_000)
    expect(waited.length * ECHO_REQUEST.length).toBeLessThan(UNREAD_BYTES)
    datapath.streamControl(client.stream, [ECHO_REQUEST])
    expect(client.takePackets()).toEqual([ECHO_REQUEST])
  })
}
