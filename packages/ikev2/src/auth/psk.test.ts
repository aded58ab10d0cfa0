import { asciiBytes } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { fqdn, trust } from '../testing/terms.suite.ts'
import type { Payload } from '../wire/payload.ts'
import { AuthPair, allow, type Change, net, TERMS } from './auth-pair.suite.ts'

const letIn = allow(net('10.2.0.0/16'), net('10.1.0.0/16'))

describe('pre-shared keys', () => {
  it('establish both ends with one Child SA and the same keys, turned about', () => {
    const { initiator, responder } = new AuthPair({ decide: trust }, { decide: letIn }).run()
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    const [ours] = initiator.of('install-sa')
    const [theirs] = responder.of('install-sa')
    expect(ours?.sa.send).toEqual(theirs?.sa.receive)
    expect(ours?.sa.receive).toEqual(theirs?.sa.send)
    expect([ours?.sa.sendSpi, ours?.sa.receiveSpi]).toEqual([theirs?.sa.receiveSpi, theirs?.sa.sendSpi])
    expect([ours?.sa.local, ours?.sa.remote]).toEqual([theirs?.sa.remote, theirs?.sa.local])
    expect(TERMS.espSuites[0]).toMatchObject({ encryption: ours?.sa.suite.encryption })
  })

  it('refuse a peer with another secret, before the gateway is asked', () => {
    const wrong = { own: { type: 'psk', secret: asciiBytes('another secret') } } as const
    const { initiator, responder } = new AuthPair({ decide: trust, terms: wrong }, { decide: letIn }).run()
    expect(responder.ended).toBe('the shared secret differs')
    expect(initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
    expect(responder.of('request')).toEqual([])
  })

  it('refuse an AUTH that is reflected: the ends prove different octets', () => {
    let sent: Payload | undefined
    const reflect: Change = (from, payloads) =>
      payloads.map(payload => {
        if (payload.type !== 'AUTH') return payload
        if (from === 'initiator') sent = payload
        return sent ?? payload
      })
    const { initiator } = new AuthPair({ decide: trust }, { decide: letIn }, reflect).run()
    expect(initiator.ended).toBe('the shared secret differs')
  })

  it('refuse another identity than the one that was proved', () => {
    const other: Change = (from, payloads) =>
      from === 'initiator'
        ? payloads.map(payload =>
            payload.type === 'IDi' ? { ...payload, identification: fqdn('someone.example') } : payload,
          )
        : payloads
    const { responder } = new AuthPair({ decide: trust }, { decide: letIn }, other).run()
    expect(responder.ended).toBe('the shared secret differs')
  })

  it.each(['initiator', 'responder'] as const)('refuse any changed bit of the AUTH of the %s', who => {
    for (let bit = 0; bit < 256; bit += 17) {
      const flip: Change = (from, payloads) =>
        payloads.map(payload => {
          if (payload.type !== 'AUTH' || from !== who) return payload
          const data = payload.data.slice()
          data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
          return { ...payload, data }
        })
      const run = new AuthPair({ decide: trust }, { decide: letIn }, flip).run()
      const judge = who === 'initiator' ? run.responder : run.initiator
      expect(judge.ended).toBe('the shared secret differs')
    }
  })

  it('are not accepted where the terms have none, by either end', () => {
    const peer = { certificate: true, eap: false }
    const gateway = new AuthPair({ decide: trust }, { decide: letIn, terms: { peer } }).run()
    expect(gateway.responder.ended).toBe(
      'the peer brought a pre-shared key (AUTH method 2); IKEv2 accepts: certificate',
    )
    const client = new AuthPair({ decide: trust, terms: { peer } }, { decide: letIn }).run()
    expect(client.initiator.ended).toBe('the server proves itself by a shared secret')
  })

  it('are not there when they are empty', () => {
    const empty = {
      own: { type: 'psk', secret: new Uint8Array() },
      peer: { ...TERMS.peer, psk: new Uint8Array() },
    } as const
    const run = new AuthPair({ decide: trust, terms: empty }, { decide: letIn, terms: empty }).run()
    expect(run.responder.ended).toBe(
      'the peer brought a pre-shared key (AUTH method 2); IKEv2 accepts: nothing',
    )
  })

  it('prove nothing when the AUTH is cut short or empty', () => {
    for (const length of [0, 1, 31, 33]) {
      const cut: Change = (from, payloads) =>
        payloads.map(payload =>
          payload.type === 'AUTH' && from === 'initiator'
            ? { ...payload, data: new Uint8Array(length).fill(1) }
            : payload,
        )
      expect(new AuthPair({ decide: trust }, { decide: letIn }, cut).run().responder.state).toBe('gone')
    }
  })
})
