import { formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import { eventually, type Harness, prefix } from './datapath-fixture.suite.ts'
import {
  BEHIND_ONE,
  BOTH_STATIC,
  OURS_OUTSIDE,
  openNatScene,
  rule,
  THEIRS,
} from './datapath-nat-fixture.suite.ts'
import { ipPacket } from './inner-packet.suite.ts'
import { readInnerPacket } from './memory-inner-packet.ts'
import { MemoryNat } from './memory-nat.ts'
import { echo, endsOf, fragments, tcp, udp, unreachable } from './nat-packets.suite.ts'
import type { NatRules } from './nat-rules.ts'

/** What comes from a site, to be changed here and there. */
const HOSTILE = [
  udp(`${THEIRS}:9`, `${OURS_OUTSIDE}:1053`, 'to a port'),
  udp(`${THEIRS}:9`, '100.0.1.200:53', 'to an address'),
  tcp(`${THEIRS}:9`, `${OURS_OUTSIDE}:1080`),
  tcp('[fd01::9]:9', '[fdff:1::5]:80'),
  echo(`${THEIRS}:9`, `${OURS_OUTSIDE}:9`, 'request'),
  echo('[fd01::9]:9', '[fdff:1::5]:9', 'reply'),
  unreachable(THEIRS, udp(`${OURS_OUTSIDE}:1053`, `${THEIRS}:9`, 'quoted')),
  unreachable('10.9.0.1', tcp('100.0.1.200:80', `${THEIRS}:9`)),
  unreachable('fd01::1', udp('[fdff:1::5]:53', '[fd01::9]:9', 'quoted')),
  ...fragments(udp(`${THEIRS}:9`, '100.0.1.200:53', 'x'.repeat(40)), 16, 7),
  ipPacket('fd01::9', 'fdff:1::5', Uint8Array.of(17, 0, 1, 4, 0, 0, 0, 0, 0, 9, 0, 53, 0, 8, 1, 2), 60),
]

/** A packet with some bytes changed, but not what says how long it is. */
function mutated(packet: Uint8Array, next: (below: number) => number): Uint8Array {
  const changed = packet.slice()
  const isV6 = (packet[0] as number) >> 4 === 6
  for (let changes = next(4); changes > 0; changes--) {
    const at = next(changed.length)
    if (at >= (isV6 ? 6 : 4)) changed[at] = next(256)
  }
  return changed
}

/** Numbers below a limit, the same each time. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

export function describeHostileNat(harness: Harness): void {
  test('a malformed packet is dropped or passes, and nothing else happens', async () => {
    const { site } = await openNatScene(harness, {
      egress: [...BEHIND_ONE.egress, ...BOTH_STATIC.egress],
      ingress: BOTH_STATIC.ingress,
    })
    const whole = [
      udp(`${THEIRS}:1`, '100.0.1.1:2'),
      tcp('[fd01::9]:1', '[fdff:1::5]:2'),
      unreachable(THEIRS, udp('100.0.1.1:1', `${THEIRS}:2`)),
      unreachable('fd01::9', udp('[fdff:1::5]:1', '[fd01::9]:2')),
      ipPacket('fd01::9', 'fdff:1::5', Uint8Array.of(17, 0, 4, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), 43),
    ]
    for (const packet of whole)
      for (let length = 20; length < packet.length; length++) {
        const cut = packet.slice(0, length)
        const isV6 = (cut[0] as number) >> 4 === 6
        if (isV6 && length < 40) continue
        const at = isV6 ? 4 : 2
        const declared = isV6 ? length - 40 : length
        cut[at] = declared >> 8
        cut[at + 1] = declared & 0xff
        site.send(cut)
      }
    const came: Uint8Array[] = []
    site.send(udp(`${THEIRS}:1`, '10.5.0.1:1'))
    await eventually(harness.fixture, 'the last one', () => {
      came.push(...harness.fixture.tunRead())
      return came.some(packet => endsOf(packet).destination === '10.5.0.1:1')
    })
    expect(harness.fixture.datapath.counters(site.flow).natDrops).toBeGreaterThan(0)
  })

  test('whatever a packet holds, it becomes what the twin makes of it', async () => {
    const { fixture } = harness
    const { site, nat } = await openNatScene(harness, BOTH_STATIC)
    const everywhere = ['0.0.0.0/0', '::/0'].map(
      text => ({ type: 'add', prefix: prefix(text), flow: site.flow }) as const,
    )
    fixture.datapath.changeRoutes(everywhere)
    const rules: NatRules = {
      egress: [
        rule('static', '10.0.1.0/25', '100.0.1.0/25', { internal: [53, 20_000], external: [1053, 21_000] }),
        rule('dynamic', '10.0.1.128/25', '100.0.1.255/32'),
        ...BOTH_STATIC.egress,
      ],
      ingress: BOTH_STATIC.ingress,
    }
    fixture.datapath.changeNat(nat, rules)
    const twin = new MemoryNat(rules)
    const expected: string[] = []
    const came: string[] = []
    let dropped = 0
    let malformed = 0
    const next = randomNumbers(0x6e6174)
    const collect = () => void came.push(...fixture.tunRead().map(formatHex))
    for (let round = 0; round < 600; round++) {
      const packet = mutated(HOSTILE[round % HOSTILE.length] as Uint8Array, next)
      const inner = readInnerPacket(packet)
      const translated = inner && twin.translate(inner, 'in', 0)
      if (translated) expected.push(formatHex(translated.bytes))
      else if (inner) dropped++
      else malformed++
      site.send(packet)
      // Less than sockets hold.
      if (round % 20 === 0)
        await eventually(fixture, 'all so far', () => {
          collect()
          return (
            came.length === expected.length &&
            fixture.datapath.counters(site.flow).refused === dropped + malformed
          )
        })
    }
    await eventually(fixture, 'all of it', () => {
      collect()
      return (
        came.length === expected.length &&
        fixture.datapath.counters(site.flow).refused === dropped + malformed
      )
    })
    expect(fixture.datapath.counters(site.flow)).toMatchObject({ natDrops: dropped, sourceViolations: 0 })
    expect(came.sort()).toEqual(expected.sort())
    expect(expected.length).toBeGreaterThan(100)
    expect(dropped).toBeGreaterThan(20)
  })
}
