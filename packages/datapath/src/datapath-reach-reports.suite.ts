import { test } from 'vitest'
import { type Harness, HOST_4, HOST_6 } from './datapath-fixture.suite.ts'
import {
  type ConnectLimited,
  expectInbound,
  expectOutbound,
  fragmentOf,
  icmpError,
  TCP,
  withOptions,
  withPorts,
} from './datapath-reach-fixture.suite.ts'
import { selector } from './esp-peer.suite.ts'

const [ROUTER_4, ROUTER_6] = ['203.0.113.1', '2001:db8:f::1']
const [UNREACHABLE, REDIRECT, ECHO, TIME_EXCEEDED, PARAMETER_PROBLEM] = [3, 5, 8, 11, 12]
const [TOO_BIG_6, ECHO_6] = [2, 128]
const HTTPS = { protocol: TCP, startPort: 443, endPort: 443 }

/** ICMP errors of routers, which are no destinations themselves. */
export function describeReachOfReports(harness: Harness, connect: ConnectLimited): void {
  const limited = async () => {
    const client = await connect(harness.fixture)
    harness.fixture.datapath.limitFlow(client.flow, [
      selector('192.0.2.0/24', HTTPS),
      selector('2001:db8:ff::/64', HTTPS),
    ])
    return client
  }
  const sent4 = withPorts('10.8.0.2', HOST_4, [1024, 443])
  const sent6 = withPorts('fd00::2', HOST_6, [1024, 443])

  test('what tells the client of its own packets to a destination passes', async () => {
    const client = await limited()
    const to4 = (type: number, about = sent4) => icmpError(ROUTER_4, '10.8.0.2', type, about)
    const to6 = (type: number, about = sent6) => icmpError(ROUTER_6, 'fd00::2', type, about)
    // Quoted whole, and as little as a router must.
    const longer4 = withPorts('10.8.0.2', HOST_4, [1024, 443])
    longer4[3] = 250
    const good = [
      to4(UNREACHABLE),
      to4(TIME_EXCEEDED),
      to4(PARAMETER_PROBLEM),
      to4(UNREACHABLE, longer4),
      to4(UNREACHABLE, withOptions(sent4, [1, 1, 1, 0])),
      withOptions(to4(UNREACHABLE), [1, 1, 1, 0]),
      ...[1, TOO_BIG_6, 3, 4].map(type => to6(type)),
    ]
    const bad = [REDIRECT, ECHO, 0, 4].map(type => to4(type))
    await expectOutbound(client, good, [...bad, to6(ECHO_6), to6(137), to6(0), to6(5)])
  })

  test('a report about anything else is dropped', async () => {
    const client = await limited()
    const to4 = (about: Uint8Array) => icmpError(ROUTER_4, '10.8.0.2', UNREACHABLE, about)
    const to6 = (about: Uint8Array) => icmpError(ROUTER_6, 'fd00::2', TOO_BIG_6, about)
    await expectOutbound(
      client,
      [to4(sent4)],
      [
        to4(withPorts('10.8.0.2', '198.51.100.1', [1024, 443])),
        to4(withPorts('10.8.0.2', HOST_4, [443, 1024])),
        to4(withPorts('10.8.0.9', HOST_4, [1024, 443])),
        to4(sent6),
        to6(sent4),
        to6(withPorts('fd00::9', HOST_6, [1024, 443])),
        to6(withPorts('fd00::2', '2001:db8:fe::1', [1024, 443])),
        to4(fragmentOf(sent4, 3)),
      ],
    )
  })

  test('a report that is a fragment, or cut short, is dropped', async () => {
    const client = await limited()
    const whole = icmpError(ROUTER_4, '10.8.0.2', UNREACHABLE, sent4)
    const cut = [0, 1, 19, 20, 23].map(length =>
      icmpError(ROUTER_4, '10.8.0.2', UNREACHABLE, sent4.subarray(0, length)),
    )
    const cut6 = [0, 39, 40, 43].map(length =>
      icmpError(ROUTER_6, 'fd00::2', TOO_BIG_6, sent6.subarray(0, length)),
    )
    await expectOutbound(client, [whole], [fragmentOf(whole, 0, 0x20), fragmentOf(whole, 1), ...cut, ...cut6])
  })

  test('what the client tells a destination of packets from there passes, and nothing else of ICMP', async () => {
    const client = await limited()
    const got4 = withPorts(HOST_4, '10.8.0.2', [443, 1024])
    const got6 = withPorts(HOST_6, 'fd00::2', [443, 1024])
    const elsewhere = withPorts('198.51.100.1', '10.8.0.2', [443, 1024])
    await expectInbound(
      client,
      [icmpError('10.8.0.2', HOST_4, UNREACHABLE, got4), icmpError('fd00::2', HOST_6, TOO_BIG_6, got6)],
      [
        icmpError('10.8.0.2', HOST_4, ECHO, got4),
        icmpError('fd00::2', HOST_6, ECHO_6, got6),
        icmpError('10.8.0.2', HOST_4, UNREACHABLE, withPorts(HOST_4, '10.8.0.2', [80, 1024])),
        icmpError('10.8.0.2', '198.51.100.1', UNREACHABLE, got4),
        icmpError('10.8.0.2', '198.51.100.1', UNREACHABLE, elsewhere),
      ],
    )
  })
}
