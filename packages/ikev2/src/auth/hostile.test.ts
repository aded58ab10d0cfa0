import { asciiBytes, formatHex, parseHex } from '@causeway/wire'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { sameIdentification } from '../identification.ts'
import type { Ikev2Request } from '../output.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { payloads as arbitraries } from '../testing/payload-arbitraries.suite.ts'
import { fqdn, trust } from '../testing/terms.suite.ts'
import type { Payload } from '../wire/payload.ts'
import {
  AuthPair,
  allow,
  type Change,
  type Decide,
  type End,
  type EndOptions,
  net,
} from './auth-pair.suite.ts'
import { type Credential, createCredentials } from './credentials.suite.ts'

let credential: Credential

beforeAll(async () => {
  credential = (await createCredentials({ end: 'ecdsa-p256' })).end
})

/** One change to a list of payloads; positions count from the front, modulo the length. */
type Edit =
  | { readonly type: 'drop' | 'double' | 'first' | 'last'; readonly at: number }
  | { readonly type: 'insert' | 'replace'; readonly at: number; readonly payload: Payload }
  | { readonly type: 'flip'; readonly at: number; readonly bit: number }

const anyPayload: fc.Arbitrary<Payload> = fc.oneof(...Object.values(arbitraries))
const position = fc.nat(15)
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ type: fc.constantFrom('drop', 'double', 'first', 'last'), at: position }),
  fc.record({ type: fc.constantFrom('insert', 'replace'), at: position, payload: anyPayload }),
  fc.record({ type: fc.constant('flip'), at: position, bit: fc.nat(4000) }),
) as fc.Arbitrary<Edit>
/** For each message of the hostile end. */
const plans = fc.array(fc.array(edits, { maxLength: 3 }), { maxLength: 6 })

function edited(payloads: readonly Payload[], edit: Edit): readonly Payload[] {
  const at = payloads.length === 0 ? 0 : edit.at % payloads.length
  const chosen = payloads.slice(at, at + 1)
  const rest = payloads.toSpliced(at, 1)
  switch (edit.type) {
    case 'drop':
      return rest
    case 'double':
      return payloads.toSpliced(at, 0, ...chosen)
    case 'first':
      return [...chosen, ...rest]
    case 'last':
      return [...rest, ...chosen]
    case 'insert':
      return payloads.toSpliced(at, 0, edit.payload)
    case 'replace':
      return payloads.toSpliced(at, 1, edit.payload)
    case 'flip':
      return payloads.toSpliced(at, 1, ...chosen.map(payload => flipped(payload, edit.bit)))
    default:
      return edit satisfies never
  }
}

/** One bit of the payload's bytes, where it has any. */
function flipped(payload: Payload, bit: number): Payload {
  if (!('data' in payload) || payload.data.length === 0) return payload
  const data = payload.data.slice()
  const at = (bit >> 3) % data.length
  data[at] = (data[at] as number) ^ (1 << (bit & 7))
  return { ...payload, data }
}

/** What proves the peer, as text: of each message, IDs, the leaf, and AUTH. */
function proofOf(payloads: readonly Payload[]): string[] {
  const leaf = payloads.find(payload => payload.type === 'CERT' && payload.encoding === 4)
  return [
    ...payloads.flatMap(payload => {
      if (payload.type === 'AUTH') return [`AUTH ${payload.method} ${formatHex(payload.data)}`]
      if (payload.type !== 'IDi' && payload.type !== 'IDr') return []
      const { number, data } = payload.identification
      return [`${payload.type} ${number} ${formatHex(data)}`]
    }),
    ...(leaf?.type === 'CERT' ? [formatHex(leaf.data)] : []),
  ]
}

const MSK = new Uint8Array(64).fill(5)
const letIn = allow(net('10.2.0.0/16'), net('10.1.0.0/16'))
/** As chain validation would: no certificate but the one that was issued. */
const genuineLeaf = (request: Ikev2Request): boolean =>
  request.type !== 'authenticate' ||
  request.method !== 'certificate' ||
  formatHex(request.peerChain[0] as Uint8Array) === formatHex(credential.chain[0] as Uint8Array)
const judging =
  (decide: Decide): Decide =>
  request =>
    genuineLeaf(request)
      ? (credential.sign(request) ?? decide(request))
      : { type: 'deny', reason: 'not issued' }
const own = (): PeerTerms['own'] => credential.own()
const SITE = asciiBytes('a secret of both')
/** Knows the secret of one identity, and takes nothing else for its connection. */
const knowing: Decide = request => {
  if (request.type === 'psk')
    return sameIdentification(request.identification, fqdn('initiator.example'))
      ? { type: 'psk', secret: SITE }
      : { type: 'deny', reason: 'unknown' }
  const reply = letIn(request)
  if (reply?.type !== 'allow') return reply
  const terms = { peer: { certificate: false, eap: false, psk: SITE } }
  return { ...reply, grant: { ...reply.grant, terms } }
}

/** The methods: how the initiator proves itself. */
const METHODS: Record<string, () => [EndOptions, EndOptions]> = {
  psk: () => [{ decide: trust }, { decide: letIn }],
  'psk by identity': () => [
    { decide: trust },
    {
      decide: judging(knowing),
      terms: { own: own(), peer: { certificate: true, eap: true, pskByIdentity: true } },
    },
  ],
  certificate: () => [
    {
      decide: judging(trust),
      terms: { own: own(), peer: { certificate: true, eap: false } },
    },
    {
      decide: judging(letIn),
      terms: { own: own(), peer: { certificate: true, eap: false } },
    },
  ],
  eap: () => [
    {
      decide: judging(trust),
      terms: { own: { type: 'eap' }, peer: { certificate: true, eap: false } },
      eap: output => {
        if (output.type !== 'eap-packet') return undefined
        const [code, identifier = 0] = output.packet
        return code === 3
          ? { type: 'eap-success', session: 1, msk: MSK }
          : { type: 'eap-packet', session: 1, packet: Uint8Array.of(2, identifier, 0, 5, 254) }
      },
    },
    {
      decide: judging(letIn),
      terms: { own: own(), peer: { certificate: false, eap: true } },
      eap: output =>
        output.type === 'eap-start'
          ? { type: 'eap-packet', session: 2, packet: parseHex('01010005fe') as Uint8Array }
          : { type: 'eap-success', session: 2, packet: parseHex('03010004') as Uint8Array, msk: MSK },
    },
  ],
}

describe.each(Object.keys(METHODS))('a hostile peer, %s', method => {
  it.each(['initiator', 'responder'] as const)('as %s is only let in by what proves it', hostile => {
    const runs = { let: 0, refused: 0 }
    fc.assert(
      fc.property(plans, plan => {
        const genuine: string[] = []
        const given: string[] = []
        let message = 0
        const change: Change = (from, payloads, mark) => {
          if (from !== hostile || mark.exchange !== 35) return payloads
          const changed = (plan[message++] ?? []).reduce(edited, payloads)
          genuine.push(...proofOf(payloads))
          given.push(...proofOf(changed))
          return changed
        }
        const [initiator, responder] = (METHODS[method] as (typeof METHODS)[string])()
        const run = new AuthPair(initiator, responder, change).run()
        const honest = hostile === 'initiator' ? run.responder : run.initiator
        checkHonest(honest, genuine, given)
        runs[honest.events('established').length > 0 ? 'let' : 'refused']++
      }),
      { numRuns: 100 },
    )
    // Some changes matter and some do not: both have been met.
    expect(Math.min(runs.let, runs.refused)).toBeGreaterThan(0)
  })
})

/** Let in: by the genuine proof. Whatever happens: nothing is held but what is installed. */
function checkHonest(honest: End, genuine: readonly string[], given: readonly string[]): void {
  const letIn = honest.events('established').length > 0
  if (letIn) expect([...given].sort()).toEqual(expect.arrayContaining([...genuine].sort()))
  if (letIn)
    expect(given.filter(text => text.startsWith('AUTH'))).toEqual(
      genuine.filter(text => text.startsWith('AUTH')),
    )
  else expect([honest.of('install-sa'), honest.of('open-flow')]).toEqual([[], []])
  if (honest.state === 'gone' || letIn) expect(honest.spis.size).toBe(honest.sa.children.all.size)
  expect(honest.of('request').filter(({ request }) => request.type === 'authenticate').length).toBeLessThan(2)
}
