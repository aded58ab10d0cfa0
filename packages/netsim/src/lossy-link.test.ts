import { describe, expect, test } from 'vitest'
import { type LinkOptions, LossyLink, PERFECT_LINK } from './lossy-link.ts'
import { SeededRandom } from './seeded-random.ts'

const FOREVER = 1e9

function linkWith(change: Partial<LinkOptions>, seed = 1): LossyLink {
  return new LossyLink({ ...PERFECT_LINK, ...change }, new SeededRandom(seed))
}

function numbered(index: number): Uint8Array {
  return Uint8Array.of(index >> 8, index & 0xff, 7, 7, 7, 7)
}

/** Sends so many numbered packets at once and gives all that arrive. */
function exchange(link: LossyLink, count: number): Uint8Array[] {
  for (let i = 0; i < count; i++) link.send(numbered(i), 0)
  const arrived: Uint8Array[] = []
  for (let packet = link.receive(FOREVER); packet; packet = link.receive(FOREVER)) arrived.push(packet)
  return arrived
}

describe('LossyLink', () => {
  test('without faults delivers everything once, in order, after the delay', () => {
    const link = linkWith({ delayMilliseconds: 25 })
    link.send(numbered(1), 100)
    expect(link.nextArrival()).toBe(125)
    expect(link.receive(124.9)).toBeUndefined()
    expect(link.receive(125)).toEqual(numbered(1))
    expect(link.nextArrival()).toBeUndefined()
    expect(exchange(linkWith({}), 500)).toEqual(Array.from({ length: 500 }, (_, i) => numbered(i)))
  })

  test('loses at its rate', () => {
    const link = linkWith({ loss: 0.3 })
    const arrived = exchange(link, 5000).length
    expect(Math.abs(arrived - 3500)).toBeLessThan(150)
    expect(link.counters).toMatchObject({ sent: 5000, delivered: arrived, lost: 5000 - arrived })
  })

  test('loses everything at rate 1', () => {
    expect(exchange(linkWith({ loss: 1 }), 100)).toEqual([])
  })

  test('doubles at its rate', () => {
    const link = linkWith({ duplication: 0.2 })
    const arrived = exchange(link, 5000).length
    expect(Math.abs(arrived - 6000)).toBeLessThan(150)
    expect(link.counters.duplicated).toBe(arrived - 5000)
  })

  test('reorders at its rate, losing nothing', () => {
    const link = linkWith({ reordering: 0.1 })
    const arrived = exchange(link, 2000).map(packet => ((packet[0] as number) << 8) | (packet[1] as number))
    expect(arrived.toSorted((a, b) => a - b)).toEqual([...Array(2000).keys()])
    expect(arrived).not.toEqual([...Array(2000).keys()])
    expect(Math.abs(link.counters.reordered - 200)).toBeLessThan(60)
  })

  test('changes one to four bits of a corrupted packet, and not the bytes given', () => {
    const link = linkWith({ corruption: 1 })
    const given = new Uint8Array(100)
    link.send(given, 0)
    const [packet] = [link.receive(FOREVER) as Uint8Array]
    const bits = packet.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    expect(bits).toBeGreaterThanOrEqual(1)
    expect(bits).toBeLessThanOrEqual(4)
    expect(given).toEqual(new Uint8Array(100))
  })

  test('jitter stays within its bounds', () => {
    const link = linkWith({ delayMilliseconds: 10, jitterMilliseconds: 5 })
    for (let i = 0; i < 500; i++) link.send(numbered(i), 0)
    expect(link.nextArrival()).toBeGreaterThanOrEqual(10)
    let arrived = 0
    while (link.receive(15)) arrived++
    expect(arrived).toBe(500)
  })

  test('drops what is larger than the MTU', () => {
    const link = linkWith({ mtu: 100 })
    link.send(new Uint8Array(101), 0)
    link.send(new Uint8Array(100), 0)
    expect(link.receive(FOREVER)).toHaveLength(100)
    expect(link.receive(FOREVER)).toBeUndefined()
    expect(link.counters.tooLarge).toBe(1)
  })

  test('does the same again with the same seed', () => {
    const poor = { loss: 0.2, duplication: 0.1, reordering: 0.3, corruption: 0.1, jitterMilliseconds: 9 }
    expect(exchange(linkWith(poor, 5), 300)).toEqual(exchange(linkWith(poor, 5), 300))
    expect(exchange(linkWith(poor, 5), 300)).not.toEqual(exchange(linkWith(poor, 6), 300))
  })

  test('may be cut and mended while packets are under way', () => {
    const link = linkWith({})
    link.send(numbered(1), 0)
    link.options = { ...PERFECT_LINK, loss: 1 }
    link.send(numbered(2), 0)
    link.options = PERFECT_LINK
    link.send(numbered(3), 0)
    expect([link.receive(FOREVER), link.receive(FOREVER), link.receive(FOREVER)]).toEqual([
      numbered(1),
      numbered(3),
      undefined,
    ])
  })
})
