import { describe, expect, it } from 'vitest'
import { createDuo, meet } from '../testing/duo.suite.ts'
import { LoneLink, PLAIN_REQUEST } from '../testing/lone-link.suite.ts'
import { NETWORK, serverOptions } from '../testing/options.suite.ts'
import { CLIENT_KEYS, SERVER_KEYS } from '../testing/surroundings.ts'

describe('a client and a server', () => {
  it.each(['eap', 'chap-mschapv2', 'pap'] as const)('meet by %s', method => {
    const duo = createDuo({ server: { authentication: [method] } })
    meet(duo)
    const keys = method === 'pap' ? [undefined, undefined] : [CLIENT_KEYS, SERVER_KEYS]
    expect(duo.client.find('authenticated')).toEqual({ type: 'authenticated', method, keys: keys[0] })
    expect(duo.server.find('authenticated')).toEqual({ type: 'authenticated', method, keys: keys[1] })
    const { local, peer, dnsServers } = NETWORK.ipv4
    expect(duo.server.find('ipv4-opened')).toEqual({ type: 'ipv4-opened', local, peer, dnsServers })
    expect(duo.client.find('ipv4-opened')).toEqual({
      type: 'ipv4-opened',
      local: peer,
      peer: local,
      dnsServers: dnsServers.filter(({ family }) => family === 4),
    })
    expect(duo.server.find('ipv6-opened')).toEqual({ type: 'ipv6-opened', ...NETWORK.ipv6 })
    expect(duo.client.find('ipv6-opened')).toMatchObject({
      local: NETWORK.ipv6.peer,
      peer: NETWORK.ipv6.local,
    })
    expect(duo.pair.clock.now).toBeLessThan(500)
    expect([duo.client.drops, duo.server.drops]).toEqual([[], []])
    expect([duo.client.eapsOpen, duo.server.eapsOpen]).toEqual([0, 0])
  })
})

describe('a patient server', () => {
  const patient = (): LoneLink => {
    const lone = new LoneLink(serverOptions(1, { patienceMilliseconds: 3_000 }))
    lone.command({ type: 'open' })
    return lone
  }

  it('says nothing until the peer has begun', () => {
    const lone = patient()
    lone.wait(2_999)
    lone.say('ipcp', 1, 1)
    expect(lone.heard()).toEqual([])
    lone.say('lcp', 1, 7, PLAIN_REQUEST)
    expect(lone.heard()).toEqual([
      expect.stringMatching(/^lcp 1 /),
      `lcp 2 7 ${PLAIN_REQUEST.replaceAll(' ', '')}`,
    ])
  })

  it('begins when the peer does not, and goes on as ever', () => {
    const lone = patient()
    lone.wait(3_000)
    expect(lone.heard()).toHaveLength(1)
    lone.wait(3_000)
    expect(lone.heard()).toHaveLength(1)
  })

  it('ends at once while it waits', () => {
    const lone = patient()
    lone.command({ type: 'close', reason: 'bye' })
    expect(lone.closed).toMatchObject({ reason: 'bye', byPeer: false, refused: false })
    expect([lone.heard(), lone.link.nextTimeout()]).toEqual([[], undefined])
  })
})
