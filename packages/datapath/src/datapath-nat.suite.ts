import { formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import { type EspClient, NEXT_CHANNEL } from './datapath-esp-fixture.suite.ts'
import { eventually, type Harness, prefix } from './datapath-fixture.suite.ts'
import { codeOf } from './datapath-misuse.suite.ts'
import {
  BEHIND_ONE,
  BOTH_STATIC,
  type NatScene,
  type NatSceneOptions,
  OURS,
  OURS_OUTSIDE,
  openNatScene,
  rule,
  SERVER,
  THEIRS,
  THEIRS_INSIDE,
} from './datapath-nat-fixture.suite.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'
import { ACK, echo, endsOf, fragments, joined, quotedBy, tcp, udp, unreachable } from './nat-packets.suite.ts'
import type { NatRule, NatRules } from './nat-rules.ts'

export function describeNat(harness: Harness): void {
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)
  const openScene = (rules: NatRules, options: NatSceneOptions = {}): Promise<NatScene> => {
    return openNatScene(harness, rules, options)
  }
  const hex = (packet: Uint8Array) => formatHex(packet)
  const externalPort = (packet: Uint8Array) => Number(endsOf(packet).source.split(':').at(-1))

  test('static rules move addresses one by one, both ends at once, and every checksum with them', async () => {
    const { toPeer, toHost, site } = await openScene(BOTH_STATIC)
    const kinds = [
      [`${OURS}:1000`, `${THEIRS_INSIDE}:53`, `${OURS_OUTSIDE}:1000`, `${THEIRS}:53`],
      ['[fd01::5]:1000', '[fdff:2::9]:53', '[fdff:1::5]:1000', '[fd01::9]:53'],
    ] as const
    for (const [ours, theirs, oursOutside, theirsOutside] of kinds)
      for (const make of [
        udp,
        tcp,
        (a: string, b: string) => tcp(a, b, ACK, 'odd'),
        (a: string, b: string) => udp(a, b, 'odd'),
      ]) {
        expect(hex(await toPeer(make(ours, theirs)))).toBe(hex(make(oursOutside, theirsOutside)))
        expect(hex(await toHost(make(theirsOutside, oursOutside)))).toBe(hex(make(theirs, ours)))
      }
    expect(counters(site)).toMatchObject({ natDrops: 0, packetsSent: 8, packetsReceived: 8 })
  })

  test('static rules move what has no ports, and a UDP datagram without checksum stays without', async () => {
    const { toPeer, toHost } = await openScene(BOTH_STATIC)
    expect(hex(await toPeer(textPacket(OURS, THEIRS_INSIDE, 'any')))).toBe(
      hex(textPacket(OURS_OUTSIDE, THEIRS, 'any')),
    )
    const [from, to] = [`${THEIRS}:7`, `${OURS_OUTSIDE}:8`]
    expect(hex(await toHost(udp(from, to, 'x', false)))).toBe(
      hex(udp(`${THEIRS_INSIDE}:7`, `${OURS}:8`, 'x', false)),
    )
    for (const kind of ['request', 'reply'] as const) {
      expect(hex(await toHost(echo(`${THEIRS}:7`, `${OURS_OUTSIDE}:7`, kind)))).toBe(
        hex(echo(`${THEIRS_INSIDE}:7`, `${OURS}:7`, kind)),
      )
      expect(hex(await toPeer(echo('[fd01::5]:7', '[fdff:2::9]:7', kind)))).toBe(
        hex(echo('[fdff:1::5]:7', '[fd01::9]:7', kind)),
      )
    }
  })

  test('every checksum that may come of it is right, also where a UDP one would be zero', async () => {
    const { toPeer } = await openScene(BOTH_STATIC)
    for (let n = 0; n < 64; n++) {
      // The first byte pairs run through sums whose complement is zero.
      const text = String.fromCharCode((n * 37) & 0xff, (n * 151) & 0xff)
      for (const make of [udp, (a: string, b: string, t: string) => tcp(a, b, ACK, t)]) {
        const came = await toPeer(make(`${OURS}:${1000 + n}`, `${THEIRS_INSIDE}:${53 + 991 * n}`, text))
        expect(hex(came)).toBe(hex(make(`${OURS_OUTSIDE}:${1000 + n}`, `${THEIRS}:${53 + 991 * n}`, text)))
      }
    }
  })

  test('addresses of no rule stay; who is translated is not reached under the internal address', async () => {
    const { toPeer, toHost, drops } = await openScene(BOTH_STATIC)
    const out = udp('10.5.0.1:1', '10.9.0.7:2')
    expect(hex(await toPeer(out))).toBe(hex(out))
    const back = udp('10.9.0.7:2', '10.5.0.1:1')
    expect(hex(await toHost(back))).toBe(hex(back))
    await drops([udp('10.9.0.7:2', `${OURS}:1`), udp('[fd09::7]:2', '[fd01::5]:1')], 'peer')
    // Nor does anybody have the external address of another.
    await drops([udp(`${OURS_OUTSIDE}:1`, '10.9.0.7:2')], 'host')
    await drops([udp(`${THEIRS_INSIDE}:2`, '10.5.0.1:1')], 'peer')
  })

  test('the selectors of an SA hold what the peer sees', async () => {
    const { toPeer, toHost, site } = await openScene(BOTH_STATIC, { remote: '10.0.1.0/24' })
    await toPeer(udp(`${OURS}:1`, `${THEIRS_INSIDE}:2`))
    harness.fixture.tunWrite(udp(`${OURS}:1`, '10.9.0.7:2'))
    await eventually(harness.fixture, 'a mismatch', () => counters(site).selectorMismatchesSent === 1)
    site.send(udp('10.9.0.7:2', `${OURS_OUTSIDE}:1`))
    await toHost(udp(`${THEIRS}:2`, `${OURS_OUTSIDE}:1`))
    expect(counters(site)).toMatchObject({
      natDrops: 0,
      selectorMismatchesReceived: 1,
      sourceViolations: 1,
      sendDrops: 1,
    })
  })

  test('a static rule with ports is for these ports of TCP and UDP', async () => {
    const ports = { internal: [8080, 8089], external: [80, 89] } as const
    const { toPeer, toHost, drops } = await openScene({
      egress: [
        rule('static', '10.0.1.5/32', '100.0.1.1/32', ports),
        rule('dynamic', '10.0.1.0/24', '100.0.1.1/32', { external: [80, 99] }),
      ],
      ingress: [],
    })
    expect(hex(await toHost(tcp(SERVER, '100.0.1.1:85')))).toBe(hex(tcp(SERVER, '10.0.1.5:8085')))
    expect(hex(await toPeer(tcp('10.0.1.5:8085', SERVER, ACK)))).toBe(hex(tcp('100.0.1.1:85', SERVER, ACK)))
    // What the static rule has, the dynamic one gives to nobody.
    for (let port = 1; port <= 10; port++) {
      const came = externalPort(await toPeer(udp(`10.0.1.6:${port}`, SERVER)))
      expect(came).toBeGreaterThanOrEqual(90)
      expect(came).toBeLessThanOrEqual(99)
    }
    await drops([tcp(SERVER, '100.0.1.1:90'), textPacket('10.9.0.7', '100.0.1.1', 'no ports')], 'peer')
  })

  test('a dynamic rule puts many behind one, and answers find back', async () => {
    const { toPeer, toHost, site } = await openScene(BEHIND_ONE)
    const seen = new Set<string>()
    for (const host of ['10.0.1.5', '10.0.1.6'])
      for (const make of [udp, tcp]) {
        const out = await toPeer(make(`${host}:1000`, SERVER))
        const { source, destination } = endsOf(out)
        expect(destination).toBe(SERVER)
        expect(source).toMatch(/^100\.0\.1\.1:/)
        expect(hex(out)).toBe(hex(make(source, SERVER)))
        seen.add(`${make.name} ${source}`)
        expect(hex(await toHost(make(SERVER, source)))).toBe(hex(make(SERVER, `${host}:1000`)))
        // The next packet of the same conversation goes by the same port.
        expect(hex(await toPeer(make(`${host}:1000`, SERVER)))).toBe(hex(out))
      }
    expect(seen.size).toBe(4)
    expect(counters(site).natDrops).toBe(0)
  })

  test('a dynamic rule tells echoes apart by their identifier', async () => {
    const { toPeer, toHost } = await openScene({
      egress: [rule('dynamic', '10.0.1.0/24', '100.0.1.1/32'), rule('dynamic', 'fd01::/64', 'fdff:1::1/128')],
      ingress: [],
    })
    for (const [ours, theirs] of [
      ['10.0.1.5:7', '10.9.0.7:7'],
      ['10.0.1.6:7', '10.9.0.7:7'],
      ['[fd01::5]:7', '[fd09::7]:7'],
    ] as const) {
      const out = await toPeer(echo(ours, theirs, 'request'))
      const { source } = endsOf(out)
      expect(hex(out)).toBe(hex(echo(source, theirs, 'request')))
      const answer = echo(theirs.replace(/7$/, `${externalPort(out)}`), source, 'reply')
      expect(hex(await toHost(answer))).toBe(hex(echo(theirs, ours, 'reply')))
    }
  })

  test('only the internal side of a dynamic rule begins, and only who was spoken to is heard', async () => {
    const { toPeer, toHost, drops } = await openScene(BEHIND_ONE)
    const { source } = endsOf(await toPeer(udp('10.0.1.5:1000', SERVER)))
    await drops(
      [
        tcp(SERVER, '100.0.1.1:80'),
        tcp(SERVER, source),
        udp('10.9.0.7:444', source),
        udp('10.9.0.8:443', source),
        echo('10.9.0.7:1', '100.0.1.1:1', 'request'),
        textPacket('10.9.0.7', '100.0.1.1', 'no ports'),
        udp(SERVER, '10.0.1.5:1000'),
      ],
      'peer',
    )
    await drops(
      [textPacket('10.0.1.5', '10.9.0.7', 'no ports'), echo('10.0.1.5:1', '10.9.0.7:1', 'reply')],
      'host',
    )
    expect(hex(await toHost(udp(SERVER, source)))).toBe(hex(udp(SERVER, '10.0.1.5:1000')))
  })

  test('the peer begins by a dynamic rule of what comes in', async () => {
    const { toPeer, toHost, drops } = await openScene({
      egress: [rule('static', '10.0.1.0/24', '100.0.1.0/24')],
      ingress: [rule('dynamic', '10.0.1.0/24', '100.0.2.1/32')],
    })
    await drops([udp('10.0.1.5:1', '100.0.2.1:2000')], 'host')
    const came = await toHost(tcp('10.0.1.9:3000', '100.0.1.5:22'))
    const { source, destination } = endsOf(came)
    expect(destination).toBe('10.0.1.5:22')
    expect(source).toMatch(/^100\.0\.2\.1:/)
    expect(hex(came)).toBe(hex(tcp(source, '10.0.1.5:22')))
    expect(hex(await toPeer(tcp('10.0.1.5:22', source, ACK)))).toBe(
      hex(tcp('100.0.1.5:22', '10.0.1.9:3000', ACK)),
    )
  })

  test('an idle conversation ends; another kind lives longer', async () => {
    const { toPeer, drops, toHost } = await openScene(BEHIND_ONE)
    const { source } = endsOf(await toPeer(udp('10.0.1.5:1', SERVER)))
    const echoed = await toPeer(echo('10.0.1.5:7', '10.9.0.7:7', 'request'))
    await harness.fixture.advance(61_000)
    await drops([echo(`10.9.0.7:${externalPort(echoed)}`, '100.0.1.1:1', 'reply')], 'peer')
    expect(endsOf(await toHost(udp(SERVER, source))).destination).toBe('10.0.1.5:1')
  })

  test('where ports are few, one of the host with most gives way, and a host with most takes none', async () => {
    const { toPeer, toHost, drops } = await openScene({
      egress: [rule('dynamic', '10.0.1.0/24', '100.0.1.1/32', { external: [5000, 5003] })],
      ingress: [],
    })
    const sources: string[] = []
    for (let port = 1; port <= 4; port++)
      sources.push(endsOf(await toPeer(udp(`10.0.1.5:${port}`, SERVER))).source)
    expect(new Set(sources).size).toBe(4)
    expect(endsOf(await toPeer(udp('10.0.1.6:1', SERVER))).source).toMatch(/^100\.0\.1\.1:500[0-3]$/)
    expect(endsOf(await toPeer(udp('10.0.1.6:2', SERVER))).source).toMatch(/^100\.0\.1\.1:500[0-3]$/)
    // Each has two now: a third of either takes an old one of somebody with as many or more.
    const third = endsOf(await toPeer(udp('10.0.1.6:3', SERVER))).source
    expect(endsOf(await toHost(udp(SERVER, third))).destination).toBe('10.0.1.6:3')
    // To another server the same ports are free.
    expect(endsOf(await toPeer(udp('10.0.1.7:1', '10.9.0.8:443'))).source).toMatch(/:500[0-3]$/)
    await drops([udp(SERVER, '100.0.1.1:6000')], 'peer')
  })

  test('errors find back to whom they are about, with what they quote', async () => {
    const { toPeer, toHost } = await openScene({ ...BEHIND_ONE, ingress: BOTH_STATIC.ingress })
    for (const sent of [
      udp('10.0.1.5:1000', `${THEIRS_INSIDE}:53`, 'some text'),
      tcp('10.0.1.5:1000', `${THEIRS_INSIDE}:53`, ACK, 'some text'),
      echo('10.0.1.5:1000', `${THEIRS_INSIDE}:1`, 'request'),
    ]) {
      const out = await toPeer(sent)
      // Of the host itself, and of a router whose address no rule has.
      expect(hex(await toHost(unreachable(THEIRS, out)))).toBe(hex(unreachable(THEIRS_INSIDE, sent)))
      const routed = unreachable('10.9.0.1', out, 28)
      expect(hex(await toHost(routed))).toBe(hex(unreachable('10.9.0.1', sent, 28)))
    }
  })

  test('errors about what came in are translated on their way out', async () => {
    const { toPeer, toHost } = await openScene(BOTH_STATIC)
    for (const [from, to, inside] of [
      [`${THEIRS}:9`, `${OURS_OUTSIDE}:53`, OURS],
      ['[fd01::9]:9', '[fdff:1::5]:53', 'fd01::5'],
    ] as const) {
      const sent = udp(from, to)
      const came = await toHost(sent)
      const outside = inside === OURS ? OURS_OUTSIDE : 'fdff:1::5'
      expect(hex(await toPeer(unreachable(inside, came)))).toBe(hex(unreachable(outside, sent)))
      expect(hex(quotedBy(unreachable(outside, sent)))).toBe(hex(sent.subarray(0, 64)))
    }
  })

  test('made-up errors are dropped', async () => {
    const { toPeer, drops } = await openScene(BEHIND_ONE)
    const out = await toPeer(udp('10.0.1.5:1000', SERVER))
    const { source } = endsOf(out)
    await drops(
      [
        unreachable('10.9.0.7', udp(source, '10.9.0.7:444')),
        unreachable('10.9.0.7', udp('100.0.1.1:1', SERVER)),
        unreachable('10.9.0.7', out, 20),
        unreachable('10.9.0.7', out, 0),
        unreachable('10.9.0.7', udp('10.0.1.5:1000', SERVER)),
        ipPacket('10.9.0.7', '100.0.1.1', Uint8Array.of(3), 1),
      ],
      'peer',
    )
  })

  test('who sends what is too big is told of the packet as it was sent', async () => {
    const { gateway } = await openScene({ ...BEHIND_ONE, ingress: BOTH_STATIC.ingress }, { innerMtu: 600 })
    const sent = udp('10.0.1.5:1000', `${THEIRS_INSIDE}:53`, 'x'.repeat(800))
    sent[6] = 0x40
    // The header's checksum with "don't fragment".
    const checksum = (((sent[10] as number) << 8) | (sent[11] as number)) - 0x4000
    sent[10] = (checksum >> 8) & 0xff
    sent[11] = checksum & 0xff
    harness.fixture.tunWrite(sent)
    const [told] = await eventually(harness.fixture, 'word of it', () => {
      const packets = harness.fixture.tunRead()
      return packets.length > 0 && packets
    })
    const header = told?.subarray(0, 20) ?? new Uint8Array()
    expect(formatHex(header.subarray(12, 20))).toBe('64000209' + '0a000105')
    expect(hex(quotedBy(told ?? new Uint8Array()))).toBe(hex(sent.subarray(0, (told?.length ?? 0) - 28)))
    expect(gateway.port).toBeGreaterThan(0)
  })

  test('fragments go the way of their first', async () => {
    const { toPeer, toHost, drops, site } = await openScene(BEHIND_ONE)
    const text = 'fragmented in the middle of it all'
    const whole = udp('10.0.1.5:1000', SERVER, text)
    const [first, second] = fragments(whole, 16, 77)
    await drops([second], 'host')
    const out = [await toPeer(first), await toPeer(second)] as const
    const { source } = endsOf(out[0])
    expect(hex(joined(out))).toBe(hex(udp(source, SERVER, text)))
    const answer = fragments(udp(SERVER, source, text), 16, 78)
    const back = [await toHost(answer[0]), await toHost(answer[1])] as const
    expect(hex(joined(back))).toBe(hex(udp(SERVER, '10.0.1.5:1000', text)))
    await drops([fragments(udp(SERVER, source, text), 16, 79)[1]], 'peer')
    await harness.fixture.advance(16_000)
    await drops([answer[1]], 'peer')
    // The checksum is in the second fragment.
    const torn = fragments(tcp('10.0.1.5:1000', SERVER, ACK, text), 8, 80)
    await drops([torn[0]], 'host')
    expect(counters(site).packetsReceived).toBe(2)
  })

  test('static rules need no first fragment', async () => {
    const { toPeer } = await openScene(BOTH_STATIC)
    const [, second] = fragments(udp(`${OURS}:1`, `${THEIRS_INSIDE}:2`, 'x'.repeat(40)), 16, 5)
    const [, expected] = fragments(udp(`${OURS_OUTSIDE}:1`, `${THEIRS}:2`, 'x'.repeat(40)), 16, 5)
    expect(hex(await toPeer(second))).toBe(hex(expected))
  })

  test('state outlives a flow, and is shared by those that use it', async () => {
    const { gateway, site, nat, toPeer } = await openScene(BEHIND_ONE)
    const { datapath } = harness.fixture
    const out = await toPeer(udp('10.0.1.5:1000', SERVER))
    const next = await gateway.connectEsp({
      channel: NEXT_CHANNEL,
      seed: 3,
      addresses: [],
      flow: { peer: 'site' },
    })
    datapath.translateFlow(next.flow, nat)
    datapath.changeRoutes([{ type: 'add', prefix: prefix('10.9.0.0/16'), flow: next.flow }])
    datapath.closeFlow(site.flow)
    harness.fixture.tunWrite(udp('10.0.1.5:1000', SERVER))
    await next.expectPayloads([out])
    next.send(udp(SERVER, endsOf(out).source))
    await gateway.expectHost([udp(SERVER, '10.0.1.5:1000')])
  })

  test('other rules hold at once; conversations of rules that stay go on', async () => {
    const { nat, site, toPeer, toHost, drops } = await openScene(BEHIND_ONE)
    const { datapath } = harness.fixture
    const [kept] = BEHIND_ONE.egress as [NatRule]
    const { source } = endsOf(await toPeer(udp('10.0.1.5:1000', SERVER)))
    datapath.changeNat(nat, { egress: [rule('static', '10.0.7.0/24', '100.0.7.0/24'), kept], ingress: [] })
    expect(endsOf(await toHost(udp(SERVER, source))).destination).toBe('10.0.1.5:1000')
    expect(endsOf(await toPeer(udp('10.0.7.1:5', SERVER))).source).toBe('100.0.7.1:5')
    datapath.changeNat(nat, { egress: [rule('dynamic', '10.0.1.0/24', '100.0.1.0/30')], ingress: [] })
    await drops([udp(SERVER, source)], 'peer')
    datapath.closeNat(nat)
    expect(endsOf(await toPeer(udp('10.0.1.5:1000', SERVER))).source).toBe('10.0.1.5:1000')
    expect(codeOf(() => datapath.translateFlow(site.flow, nat))).toBe('ERR_DATAPATH_UNKNOWN_NAT')
  })

  test('a flow without rules is as before', async () => {
    const { site, toPeer } = await openScene(BOTH_STATIC)
    harness.fixture.datapath.translateFlow(site.flow, undefined)
    const packet = udp(`${OURS}:1`, `${THEIRS_INSIDE}:2`)
    expect(hex(await toPeer(packet))).toBe(hex(packet))
  })
}
