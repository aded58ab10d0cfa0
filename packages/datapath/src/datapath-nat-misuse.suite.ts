import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import { BOTH_STATIC, openNatScene, rule } from './datapath-nat-fixture.suite.ts'

export function describeNatMisuse(harness: Harness): void {
  const wrongRules: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['no list', { egress: [] }],
    [
      'a strange type',
      { egress: [{ ...rule('static', '10.0.0.0/24', '10.1.0.0/24'), type: 'some' }], ingress: [] },
    ],
    ['prefixes of two lengths', { egress: [rule('static', '10.0.0.0/24', '10.1.0.0/25')], ingress: [] }],
    ['two families', { egress: [], ingress: [rule('dynamic', '10.0.0.0/24', 'fd00::/64')] }],
    [
      'ports of one side',
      { egress: [rule('static', '10.0.0.0/24', '10.1.0.0/24', { internal: [1, 2] })], ingress: [] },
    ],
    [
      'ranges of two lengths',
      {
        egress: [rule('static', '10.0.0.0/24', '10.1.0.0/24', { internal: [1, 2], external: [1, 3] })],
        ingress: [],
      },
    ],
    [
      'port 0',
      { egress: [rule('dynamic', '10.0.0.0/24', '10.1.0.0/24', { external: [0, 3] })], ingress: [] },
    ],
    [
      'a range upside down',
      { egress: [rule('dynamic', '10.0.0.0/24', '10.1.0.0/24', { external: [4, 3] })], ingress: [] },
    ],
    ['too many', { egress: Array(256).fill(rule('static', '10.0.0.0/24', '10.1.0.0/24')), ingress: [] }],
  ]
  test.each(wrongRules)('refuses %s', (_name, rules) => {
    const { datapath } = harness.fixture
    expect(codeOf(() => datapath.openNat(wrong(rules)))).toBe('ERR_DATAPATH_ARGUMENT')
    const nat = datapath.openNat({ egress: [], ingress: [] })
    expect(codeOf(() => datapath.changeNat(nat, wrong(rules)))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('refuses what is not there, and flows of other protocols', async () => {
    const { datapath } = harness.fixture
    const { site, nat } = await openNatScene(harness, BOTH_STATIC)
    const stream = datapath.openStream({ framing: 'openvpn' })
    const flow = datapath.openFlow({
      path: { type: 'stream', stream },
      clampBytes: 1400,
      pingIntervalSeconds: 0,
      idleTimeoutSeconds: 0,
    })
    expect(codeOf(() => datapath.translateFlow(flow, nat))).toBe('ERR_DATAPATH_PROTOCOL')
    expect(codeOf(() => datapath.translateFlow(987_654, nat))).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    for (const call of [
      () => datapath.closeNat(987_654),
      () => datapath.changeNat(987_654, BOTH_STATIC),
      () => datapath.translateFlow(site.flow, 987_654),
    ])
      expect(codeOf(call)).toBe('ERR_DATAPATH_UNKNOWN_NAT')
  })
}
