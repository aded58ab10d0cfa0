import { Writer } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { AuthPair, allow, type Change, type Decide, net } from '../auth/auth-pair.suite.ts'
import { CHILD_SAS } from '../limits.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { deleteChild, handleChildTimeout, handleHardLimit } from '../rekey/child-deadlines.ts'
import { trust } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { formatScope } from './answer-child.ts'
import { createChild } from './command-child.ts'

const OURS = net('10.1.0.0/16', '10.11.0.0/16')
const THEIRS = net('10.2.0.0/16', '10.12.0.0/16')
const SCOPE = { local: net('10.11.0.0/16'), remote: net('10.12.0.0/16') }
const letIn = allow(THEIRS, OURS)

/** Established ends, whose scopes hold two networks a side. */
function pair(
  initiator: Partial<PeerTerms> = {},
  responder: Partial<PeerTerms> = {},
  change?: Change,
  decide: Decide = letIn,
): AuthPair {
  return new AuthPair(
    { decide: trust, terms: { ...initiator, local: OURS, remote: THEIRS } },
    { decide, terms: responder },
    change,
  ).run()
}

const gcm = (group?: 'ECP-256' | 'MODP-2048') =>
  ({ encryption: 'AES-GCM-16-256', ...(group && { group }) }) as const
const groups = (run: AuthPair) => run.initiator.of('install-sa').map(({ sa }) => sa.suite.group)

/** In CREATE_CHILD_SA. */
const later =
  (who: 'initiator' | 'responder', edit: (payload: Payload) => Payload | readonly Payload[]): Change =>
  (from, payloads, mark) =>
    from === who && mark.exchange === 36 ? payloads.flatMap(edit) : payloads

/** The SPI of the peer's first Child SA. */
const first = new Uint8Array(4)

function withSpi(payload: Payload, spi: Uint8Array): Payload {
  if (payload.type !== 'SA') return payload
  return { ...payload, proposals: payload.proposals.map(one => ({ ...one, spi: spi.slice() })) }
}

describe('a further Child SA', () => {
  it('comes from either end, with keys of its own', () => {
    const run = pair()
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    createChild(run.responder.sa, { local: SCOPE.remote, remote: SCOPE.local }, 0)
    run.settle()
    const [first, second, third] = run.initiator.of('install-sa').map(({ sa }) => sa)
    expect(run.responder.of('install-sa').map(({ sa }) => sa.send)).toEqual([
      first?.receive,
      second?.receive,
      third?.receive,
    ])
    expect(second?.send).not.toEqual(first?.send)
    expect(third?.send).not.toEqual(second?.send)
    expect(run.initiator.of('open-flow')).toHaveLength(3)
    expect(second && formatScope(second)).toBe('10.11.0.0/16 === 10.12.0.0/16')
    expect(run.initiator.sa.children.all.size).toBe(3)
  })

  it('agrees on keys anew where the suite has a group', () => {
    const espSuites = [gcm('ECP-256')]
    const run = pair({ espSuites }, { espSuites })
    createChild(run.initiator.sa, SCOPE, 0)
    expect(groups(run.settle())).toEqual([undefined, 'ECP-256'])
    expect(run.responder.of('install-sa')[1]?.sa.send).toEqual(run.initiator.of('install-sa')[1]?.sa.receive)
  })

  it('takes the group that the peer asks for, once', () => {
    const run = pair({ espSuites: [gcm('MODP-2048'), gcm('ECP-256')] }, { espSuites: [gcm('ECP-256')] })
    createChild(run.initiator.sa, SCOPE, 0)
    expect(groups(run.settle())).toEqual([undefined, 'ECP-256'])
    expect(run.initiator.spis.size).toBe(2)
  })

  it('does not dance when the peer asks for one group after another', () => {
    const twice = later('responder', payload => ({
      type: 'N',
      protocol: 0,
      spi: new Uint8Array(),
      notify: NOTIFY.INVALID_KE_PAYLOAD,
      data: Uint8Array.of(0, payload.type === 'SA' ? 19 : 14),
    }))
    const espSuites = [gcm('MODP-2048'), gcm('ECP-256')]
    const run = pair({ espSuites }, { espSuites }, twice)
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.initiator.events('child-refused')).toMatchObject([
      { reason: expect.stringMatching(/one group after/) },
    ])
    expect(run.initiator.spis.size).toBe(1)
  })

  it('has no group where the peer sends none and the terms let it', () => {
    const without = { espSuites: [gcm('ECP-256')], rekeyWithoutGroup: true }
    const lax = pair(without, { espSuites: [gcm('ECP-256')], rekeyWithoutGroup: true })
    createChild(lax.initiator.sa, SCOPE, 0)
    expect(groups(lax.settle())).toEqual([undefined, undefined])
    const strict = pair(without, { espSuites: [gcm('ECP-256')] })
    createChild(strict.initiator.sa, SCOPE, 0)
    strict.settle()
    expect(strict.initiator.events('child-refused')).toMatchObject([
      { reason: expect.stringMatching(/NO_PROPOSAL_CHOSEN/), byPeer: true },
    ])
  })

  it('has none for a peer that proposes one or none and sends no KE payload', () => {
    const orNone = later('initiator', payload => {
      if (payload.type === 'KE') return []
      if (payload.type !== 'SA') return payload
      const none = { type: 4, id: 0 }
      const proposals = payload.proposals.map(one => ({ ...one, transforms: [...one.transforms, none] }))
      return { ...payload, proposals }
    })
    const espSuites = [gcm('ECP-256'), gcm()]
    const run = pair({ espSuites }, { espSuites }, orNone)
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    const [, further] = run.responder.of('install-sa')
    expect(further?.sa.suite).toEqual({ encryption: 'AES-GCM-16-256', extendedSequence: true })
  })

  it('cannot go beyond what was granted at the start', () => {
    const run = pair({}, {}, undefined, allow(net('10.2.0.0/16'), net('10.1.0.0/16')))
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.responder.of('install-sa')).toHaveLength(1)
    expect(run.initiator.events('child-refused')).toMatchObject([
      { reason: expect.stringMatching(/TS_UNACCEPTABLE/) },
    ])
  })

  it('is refused when there are too many', () => {
    const run = pair()
    for (let i = 0; i < CHILD_SAS; i++) createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    for (let i = 1; i < CHILD_SAS; i++) {
      createChild(run.initiator.sa, SCOPE, 0)
      run.settle()
    }
    expect(run.responder.sa.children.all.size).toBe(CHILD_SAS)
    run.initiator.sa.children.remove([...run.initiator.sa.children.all.keys()][0] as number)
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.initiator.events('child-refused').at(-1)).toMatchObject({
      reason: expect.stringMatching(/NO_ADDITIONAL_SAS/),
    })
  })

  it.each([
    ['no nonce', 'NONCE'],
    ['no SA', 'SA'],
    ['no TSi', 'TSi'],
  ] as const)('is refused with %s', (_name, type) => {
    const run = pair(
      {},
      {},
      later('initiator', payload => (payload.type === type ? [] : payload)),
    )
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.responder.of('install-sa')).toHaveLength(1)
    expect(run.initiator.events('child-refused')).toHaveLength(1)
  })

  it('is deleted again when the response has no nonce', () => {
    const run = pair(
      {},
      {},
      later('responder', payload => (payload.type === 'NONCE' ? [] : payload)),
    )
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.informed).toMatchObject([[{ type: 'D', protocol: 3 }]])
    expect(run.initiator.spis.size).toBe(1)
  })

  it.each([
    ['a KE payload of another group', 'KE', (payload: Payload) => ({ ...payload, group: 14 })],
    ['no KE payload', 'KE', () => []],
    ['a public value that is none', 'KE', (payload: Payload) => ({ ...payload, data: new Uint8Array(64) })],
    ['an SPI that is reserved', 'SA', (payload: Payload) => withSpi(payload, Uint8Array.of(0, 0, 0, 255))],
    ['the SPI of another', 'SA', (payload: Payload) => withSpi(payload, first)],
  ] as const)('is deleted again when the response has %s', (_name, type, edit) => {
    const espSuites = [gcm('ECP-256')]
    const run = pair(
      { espSuites },
      { espSuites },
      later('responder', payload => (payload.type === type ? (edit(payload) as never) : payload)),
    )
    first.set(new Writer(4).u32(run.initiator.of('install-sa')[0]?.sa.sendSpi ?? 0).finish())
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.initiator.of('install-sa')).toHaveLength(1)
    expect(run.initiator.events('child-refused')).toMatchObject([{ byPeer: false }])
    expect(run.informed).toMatchObject([[{ type: 'D', protocol: 3 }]])
    expect(run.initiator.spis.size).toBe(1)
  })

  it('is refused with a public value that is none, or of another group than chosen', () => {
    const espSuites = [gcm('ECP-256')]
    const zeros = later('initiator', payload =>
      payload.type === 'KE' ? { ...payload, data: new Uint8Array(payload.data.length) } : payload,
    )
    const run = pair({ espSuites }, { espSuites }, zeros)
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.responder.events('child-refused')).toMatchObject([{ reason: 'an impossible public value' }])
    expect(run.responder.spis.size).toBe(1)
  })

  it('is refused with the SPI of another', () => {
    const first: { spi: Uint8Array } = { spi: new Uint8Array() }
    const same: Change = (from, payloads) =>
      payloads.map(payload => {
        if (from === 'responder' || payload.type !== 'SA') return payload
        if (first.spi.length === 0) first.spi = payload.proposals[0]?.spi ?? first.spi
        return { ...payload, proposals: payload.proposals.map(one => ({ ...one, spi: first.spi })) }
      })
    const run = pair({}, {}, same)
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.responder.events('child-refused')).toMatchObject([
      { reason: 'the peer names a Child SA by the SPI of another' },
    ])
    expect(run.responder.events('child-refused')[0]).not.toHaveProperty('temporary')
  })

  it('is not begun under an IKE SA that is going', () => {
    const run = pair()
    run.responder.sa.state = 'replaced'
    createChild(run.initiator.sa, SCOPE, 0)
    run.settle()
    expect(run.initiator.events('child-refused')).toMatchObject([
      { reason: expect.stringMatching(/TEMPORARY_FAILURE/), temporary: true },
    ])
  })
})

describe('deleting a Child SA', () => {
  it('on request takes it out when the peer has answered', () => {
    const run = pair()
    const [child] = [...run.initiator.sa.children.all.values()]
    if (!child) throw new Error('no Child SA')
    deleteChild(run.initiator.sa, child.id, 0)
    expect(child.state).toBe('deleting')
    expect(run.initiator.of('remove-sa')).toEqual([])
    run.settle()
    expect(run.initiator.outputs.slice(-3)).toMatchObject([
      { type: 'remove-sa', receiveSpi: child.receiveSpi },
      { type: 'close-flow', child: child.id },
      { event: { type: 'child-closed', child: child.id, byPeer: false } },
    ])
    expect(run.initiator.spis.size).toBe(0)
    expect(run.informed).toHaveLength(1)
  })

  it('comes when it is used up, and when its lifetime is over; once', () => {
    const used = pair()
    const [spi] = [...used.initiator.sa.children.all.keys()]
    handleHardLimit(used.initiator.sa, spi as number, 0)
    handleHardLimit(used.initiator.sa, spi as number, 0)
    used.settle()
    expect(used.initiator.events('child-closed')).toMatchObject([
      { reason: expect.stringMatching(/keys may/) },
    ])
    const old = pair()
    expect(old.initiator.sa.children.nextTimeout()).toBeLessThanOrEqual(3_600_000)
    handleChildTimeout(old.initiator.sa, 4_000_000)
    handleChildTimeout(old.initiator.sa, 4_000_001)
    old.settle()
    expect(old.initiator.events('child-closed')).toMatchObject([
      { reason: expect.stringMatching(/lifetime/) },
    ])
    expect(old.informed).toHaveLength(1)
  })
})
