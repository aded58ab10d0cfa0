import { describe, expect, test } from 'vitest'
import { type ConnectionPlan, type PlanChange, planChange } from './connection-plan.ts'
import { at, CERTIFICATE_PLAN, PSK_PLAN } from './testing/bench.suite.ts'

const NOTHING: PlanChange = { relocates: false, renewsIke: false, renewsChildren: false }
const digests = PSK_PLAN.digests

describe('a change asks for the least that serves', () => {
  const changes: [string, Partial<ConnectionPlan>, Partial<PlanChange>][] = [
    ['its name', { name: 'other' }, {}],
    ['its mode', { mode: 'ResponderOnly' }, {}],
    ['its address', { remote: { type: 'address', address: at('198.51.100.2') } }, { relocates: true }],
    ['an address by a name', { remote: { type: 'name', name: 'peer.example' } }, { relocates: true }],
    ['its key', { digests: { ...digests, authentication: 'psk 2' } }, { renewsIke: true }],
    ['its IKE policy', { digests: { ...digests, ike: 'ike 2' } }, { renewsIke: true }],
    ['its selectors', { digests: { ...digests, child: 'child 2' } }, { renewsChildren: true }],
    ['its method', { own: CERTIFICATE_PLAN.own }, { renewsIke: true }],
    [
      'IKE policy and selectors: the new IKE SA brings its Child SAs',
      { digests: { ...digests, ike: 'ike 2', child: 'child 2' } },
      { renewsIke: true },
    ],
  ]
  test.each(changes)('%s', (_, change, asked) => {
    expect(planChange(PSK_PLAN, { ...PSK_PLAN, ...change })).toEqual({ ...NOTHING, ...asked })
  })

  test('another certificate of ours, which is fetched first', () => {
    const other: ConnectionPlan = {
      ...CERTIFICATE_PLAN,
      own: { type: 'certificate', certificateId: 'other' },
    }
    expect(planChange(CERTIFICATE_PLAN, other)).toEqual(NOTHING)
  })

  test('a name in other letters is the same name', () => {
    const named: ConnectionPlan = { ...PSK_PLAN, remote: { type: 'name', name: 'Peer.example' } }
    const same: ConnectionPlan = { ...PSK_PLAN, remote: { type: 'name', name: 'peer.EXAMPLE' } }
    expect(planChange(named, same)).toEqual(NOTHING)
  })
})
