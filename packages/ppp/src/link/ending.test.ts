import { SeededRandom } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import type { PppServerOptions } from '../link-options.ts'
import { createDuo, meet } from '../testing/duo.suite.ts'
import { authenticated, LoneLink, openLcp, PLAIN_REQUEST } from '../testing/lone-link.suite.ts'
import { clientOptions, serverOptions } from '../testing/options.suite.ts'
import { writeFrame } from '../wire/frame.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import { createPppLink } from './ppp-link.ts'

const server = () => new LoneLink(serverOptions(1, { authentication: ['pap'] }))

/** A server in mid-session. */
function live(): LoneLink {
  const lone = server()
  authenticated(lone)
  for (const protocol of ['ipcp', 'ipv6cp'] as const) lone.acknowledge(protocol)
  lone.say('ipcp', 1, 1, '0306 0a09004d')
  lone.say('ipv6cp', 1, 1, '010a 000000000000004d')
  lone.heard()
  return lone
}

describe('a link in use', () => {
  it('waits for nothing but the next echo', () => {
    const lone = live()
    expect(lone.link.nextTimeout()).toBe(lone.now + 30_000)
  })
})

describe('the end of a link', () => {
  it('asked for is told to the peer and follows its answer', () => {
    const lone = live()
    lone.command({ type: 'close', reason: 'enough' })
    const [request] = lone.heard()
    expect(request).toMatch(/^lcp 5 \d+ 656e6f756768$/)
    expect(lone.closed).toBeUndefined()
    lone.say('lcp', 6, Number(request?.split(' ')[2]))
    expect(lone.events.at(-1)).toEqual({ type: 'closed', reason: 'enough', byPeer: false, refused: false })
    expect(lone.link.nextTimeout()).toBeUndefined()
  })

  it('asked for follows the peer’s silence after three tries', () => {
    const lone = live()
    lone.command({ type: 'close', reason: 'enough' })
    lone.wait(9_000)
    expect(lone.heard()).toHaveLength(3)
    expect(lone.closed).toBeDefined()
  })

  it('by the peer is acknowledged, and comes one restart timer later (RFC 1661 §3.7)', () => {
    const lone = live()
    lone.say('lcp', 5, 44, '627965')
    expect(lone.heard()).toEqual(['lcp 6 44'])
    expect(lone.events.slice(-2)).toEqual([{ type: 'ipv4-closed' }, { type: 'ipv6-closed' }])
    lone.say('lcp', 5, 45)
    expect(lone.heard()).toEqual(['lcp 6 45'])
    lone.say('ipcp', 1, 9, '0306 0a09004d')
    lone.say('lcp', 1, 9, PLAIN_REQUEST)
    expect(lone.heard()).toEqual([])
    lone.wait(3_000)
    expect(lone.events.at(-1)).toEqual({
      type: 'closed',
      reason: 'the peer ends it: bye',
      byPeer: true,
      refused: false,
    })
    expect(lone.link.nextTimeout()).toBeUndefined()
  })

  it('in mid-negotiation ends ours too', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 5, 44, '6e6f')
    expect(lone.heard()).toEqual(['lcp 6 44', expect.stringMatching(/^lcp 5 /)])
    lone.wait(9_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer ends it: no', byPeer: true })
  })

  it('that both ask for at once comes at once', () => {
    const duo = createDuo()
    meet(duo)
    duo.pair.a.command({ type: 'close', reason: 'a' })
    duo.pair.b.command({ type: 'close', reason: 'b' })
    duo.pair.advance(100)
    expect(duo.client.find('closed')).toMatchObject({ reason: 'a', byPeer: false })
    expect(duo.server.find('closed')).toMatchObject({ reason: 'b', byPeer: false })
  })

  it('of the lower layer is at once', () => {
    const lone = live()
    lone.command({ type: 'down', reason: 'connection reset' })
    expect(lone.closed).toMatchObject({ reason: 'connection reset', byPeer: false })
    expect([lone.heard(), lone.link.nextTimeout()]).toEqual([[], undefined])
  })

  it('is once, and nothing follows it', () => {
    const lone = live()
    lone.command({ type: 'down', reason: 'gone' })
    const { length } = lone.events
    for (const type of ['down', 'close'] as const) lone.command({ type, reason: 'again' })
    lone.command({ type: 'open' })
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    lone.frame(Uint8Array.of(1))
    lone.wait(1_000_000)
    expect([lone.events.length, lone.heard(), lone.drops]).toEqual([length, [], []])
  })

  it('comes when nobody is there', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.wait(29_999)
    expect([lone.heard().length, lone.closed]).toEqual([10, undefined])
    lone.wait(1)
    expect(lone.closed).toMatchObject({ reason: 'no answer to Configure-Requests', byPeer: false })
  })

  it('comes when the outside never answers', () => {
    const lone = new LoneLink(serverOptions(1, { authentication: ['eap'] }))
    openLcp(lone)
    for (let i = 0; i < 100; i++) {
      lone.wait(1000)
      lone.say('eap', 2, 200, 'ff')
      const [echo] = lone.heard().filter(packet => packet.startsWith('lcp 9'))
      if (echo) lone.say('lcp', 10, Number(echo.split(' ')[2]), '11223344')
    }
    expect(lone.closed).toBeDefined()
  })
})

describe('a hostile peer', () => {
  const PROTOCOL_NUMBERS = [...Object.values(PROTOCOLS), 0x80fd]

  /** Packets that are nearly right: codes and options that exist, lengths that may not. */
  function noise(random: SeededRandom): Uint8Array {
    const protocol = PROTOCOL_NUMBERS[random.integer(PROTOCOL_NUMBERS.length)] as number
    const data = random.bytes(random.integer(24))
    if (data.length > 2 && random.chance(0.8)) data[1] = data.length
    if (data.length > 2 && random.chance(0.8)) data[0] = [1, 3, 5, 7, 8, 129][random.integer(6)] as number
    const length = random.chance(0.9) ? 4 + data.length : random.integer(64)
    const information = Uint8Array.of(1 + random.integer(13), random.integer(4), 0, length, ...data)
    return writeFrame({ protocol, information })
  }

  it.each(['server', 'client'] as const)('gets from a %s no more than about one answer to a packet', role => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new SeededRandom(seed)
      const lone = new LoneLink(role === 'server' ? serverOptions(seed) : clientOptions(seed))
      lone.command({ type: 'open' })
      const packets = 300
      for (let i = 0; i < packets; i++) lone.frame(noise(random))
      expect(lone.heard().length).toBeLessThan(packets + 20)
      lone.wait(200_000)
      expect([seed, lone.closed !== undefined, lone.link.nextTimeout()]).toEqual([seed, true, undefined])
      expect(lone.outside.find('authenticated')).toBeUndefined()
      expect(lone.outside.eapsOpen).toBe(0)
    }
  })
})

describe('options', () => {
  it.each<[string, Partial<PppServerOptions>]>([
    ['no authentication', { authentication: [] }],
    ['one method twice', { authentication: ['pap', 'pap'] }],
    ['an MRU that is too small', { mru: 575 }],
    ['an MRU that is too large', { mru: 4092 }],
    ['no tries', { maxConfigure: 0 }],
    ['no patience', { maxFailure: 0 }],
    ['no time', { restartMilliseconds: 0 }],
    ['a name without end', { name: 'n'.repeat(513) }],
  ])('that make no link: %s', (_, more) => {
    expect(() => createPppLink(serverOptions(1, more))).toThrow(
      expect.objectContaining({ code: 'ERR_PPP_OPTIONS' }),
    )
  })

  it('that make no link: a client that wants no network', () => {
    expect(() => createPppLink(clientOptions(1, { ipv4: false, ipv6: false }))).toThrow(
      expect.objectContaining({ code: 'ERR_PPP_OPTIONS' }),
    )
  })
})
