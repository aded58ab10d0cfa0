import { asciiBytes } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { AuthPair, allow, net, TERMS, trust } from './auth-pair.suite.ts'

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
})
