import { beforeAll, describe, expect, it } from 'vitest'
import type { PeerTerms } from '../peer-terms.ts'
import { trust } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { AuthPair, allow, type Change, type Converse, type EndOptions, net } from './auth-pair.suite.ts'
import type { EapCommand } from './authentication.ts'
import { type Credential, createCredentials } from './credentials.suite.ts'
import { proveSecret } from './proof.ts'

let server: Credential

beforeAll(async () => {
  server = (await createCredentials({ server: 'ecdsa-p256' })).server
})

const MSK = new Uint8Array(64).fill(7)
const request = (identifier: number) => Uint8Array.of(1, identifier, 0, 5, 254)
const response = (identifier: number) => Uint8Array.of(2, identifier, 0, 5, 254)
const success = Uint8Array.of(3, 3, 0, 4)
const failure = Uint8Array.of(4, 3, 0, 4)
const letIn = allow(net('10.2.0.0/16'), net('10.1.0.0/16'))

/** Three requests, then success. */
const method: Converse = output => {
  if (output.type === 'eap-start') return { type: 'eap-packet', session: 2, packet: request(1) }
  const identifier = output.packet[1] as number
  return identifier < 3
    ? { type: 'eap-packet', session: 2, packet: request(identifier + 1) }
    : { type: 'eap-success', session: 2, packet: success, msk: MSK }
}

const peer: Converse = output => {
  if (output.type !== 'eap-packet') return undefined
  return output.packet[0] === 3
    ? { type: 'eap-success', session: 1, msk: MSK }
    : { type: 'eap-packet', session: 1, packet: response(output.packet[1] as number) }
}

const CLIENT: PeerTerms['peer'] = { certificate: true, eap: false }
const SERVER: PeerTerms['peer'] = { certificate: false, eap: true }

function prepared(
  client: Partial<EndOptions> = {},
  gateway: Partial<EndOptions> = {},
  change?: Change,
): AuthPair {
  return new AuthPair(
    { decide: trust, eap: peer, ...client, terms: { own: { type: 'eap' }, peer: CLIENT, ...client.terms } },
    {
      decide: asked => server.sign(asked) ?? letIn?.(asked),
      eap: method,
      ...gateway,
      terms: { own: server.own(), peer: SERVER, ...gateway.terms },
    },
    change,
  )
}

function pair(...ends: Parameters<typeof prepared>): AuthPair {
  return prepared(...ends).run()
}

/** Answers of the gateway's method, changed. */
const saying =
  (change: (command: EapCommand) => EapCommand): Converse =>
  output => {
    const command = method?.(output)
    return command && change(command)
  }

describe('EAP', () => {
  it('lets a peer in by success and the AUTH that its key proves', () => {
    const { initiator, responder } = pair()
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    expect(responder.events('established')).toMatchObject([{ method: 'eap' }])
    expect(initiator.events('established')).toMatchObject([{ method: 'certificate' }])
    expect(initiator.of('install-sa')[0]?.sa.send).toEqual(responder.of('install-sa')[0]?.sa.receive)
    expect([initiator.of('eap-close'), responder.of('eap-close')].map(list => list.length)).toEqual([1, 1])
  })

  it('asks for the grant after the proof, and nothing before it', () => {
    const { responder } = pair()
    const order = responder.outputs.map(output =>
      output.type === 'request' ? output.request.type : output.type,
    )
    expect(order.slice(0, 7)).toEqual([
      'eap-start',
      'sign',
      'eap-packet',
      'eap-packet',
      'eap-packet',
      'authenticate',
      'event',
    ])
  })

  it('judges the server before the method sees a packet', () => {
    const { initiator } = pair({
      decide: asked => (asked.type === 'authenticate' ? { type: 'deny', reason: 'not ours' } : undefined),
    })
    expect(initiator.of('eap-packet')).toEqual([])
    expect(initiator.ended).toBe('not ours')
  })

  it.each([
    ['the peer has another key', { eap: keyed(new Uint8Array(64)) }, {}],
    ['the gateway has another key', {}, { eap: saying(withKey(new Uint8Array(64))) }],
  ] as const)('refuses when %s: a success alone is nothing', (_name, client, gateway) => {
    const { initiator, responder } = pair(client, gateway)
    expect(responder.ended).toBe('AUTH after EAP: the shared secret differs')
    expect(initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
    expect(responder.of('request').map(({ request: { type } }) => type)).toEqual(['sign'])
    expect(responder.of('install-sa')).toEqual([])
  })

  it('refuses a success without a key, at either end', () => {
    expect(pair({}, { eap: saying(withKey(undefined)) }).responder.ended).toMatch(/has no key/)
    expect(pair({ eap: keyed(undefined) }).initiator.ended).toMatch(/has no key/)
    expect(pair({}, { eap: saying(withKey(new Uint8Array())) }).responder.ended).toMatch(/has no key/)
    expect(pair({ eap: keyed(new Uint8Array(8)) }).initiator.ended).toMatch(/has no key/)
  })

  it('takes methods without a key where the terms say so, by SK_pi and SK_pr', () => {
    const { initiator, responder } = pair(
      { eap: keyed(undefined), terms: { peer: { ...CLIENT, eapWithoutKey: true } } },
      { eap: saying(withKey(undefined)), terms: { peer: { ...SERVER, eapWithoutKey: true } } },
    )
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
  })

  it('tells of a failure by EAP-Failure', () => {
    const failing: Converse = output =>
      output.type === 'eap-start'
        ? method?.(output)
        : { type: 'eap-failure', session: 2, packet: failure, reason: 'wrong password' }
    const { initiator, responder } = pair({}, { eap: failing })
    expect([initiator.ended, responder.ended]).toEqual(['the server says EAP-Failure', 'wrong password'])
    expect(initiator.of('eap-close')).toHaveLength(1)
  })

  it('is given up by a peer whose method fails, between messages or amid one, and the server hears of it', () => {
    const failing: Converse = () => ({ type: 'eap-failure', session: 1, reason: 'no such token' })
    const between = pair({ eap: failing })
    expect(between.initiator.ended).toBe('no such token')
    expect(between.informed).toMatchObject([[{ notify: NOTIFY.AUTHENTICATION_FAILED }]])
    const amid = prepared({}, {}, (from, payloads, mark) => {
      const late = { type: 'eap-failure', session: 1, reason: 'pulled out' } as const
      if (from === 'initiator' && mark.messageId === 2)
        amid.later(() => amid.initiator.sa.authentication?.handleEap(late, 0))
      return payloads
    })
    expect(amid.run().initiator.ended).toBe('pulled out')
    expect(amid.informed).toMatchObject([[{ notify: NOTIFY.AUTHENTICATION_FAILED }]])
    expect(amid.initiator.of('eap-close')).toHaveLength(1)
  })

  it('refuses a success that comes before the peer has said anything', () => {
    const early: Converse = () => ({ type: 'eap-success', session: 2, packet: success, msk: MSK })
    const { initiator, responder } = pair({}, { eap: early })
    expect(responder.ended).toBe('EAP success before its peer has said anything')
    expect(initiator.state).toBe('gone')
  })

  it('counts a success of the server only when its method agrees', () => {
    const early: Change = (from, payloads) =>
      from === 'responder'
        ? payloads.map(payload => (payload.type === 'EAP' ? { ...payload, packet: success } : payload))
        : payloads
    const disagreeing: Converse = output =>
      output.type === 'eap-packet' && output.packet[0] === 3
        ? { type: 'eap-failure', session: 1, reason: 'success out of nowhere' }
        : peer?.(output)
    expect(pair({ eap: disagreeing }, {}, early).initiator.ended).toBe('success out of nowhere')
  })

  it('does nothing on a success of the method that the server has not said', () => {
    const eager: Converse = () => ({ type: 'eap-success', session: 1, msk: MSK })
    const { initiator, responder } = pair({ eap: eager })
    expect([initiator.state, responder.state]).toEqual(['initial', 'initial'])
    expect(responder.of('eap-packet')).toEqual([])
  })
})

describe('abuse of EAP', () => {
  const auth: Payload = { type: 'AUTH', method: 2, data: new Uint8Array(32) }

  /** Changes the n-th request or response, 0 the first. */
  const nth =
    (
      who: 'initiator' | 'responder',
      n: number,
      edit: (payloads: readonly Payload[]) => readonly Payload[],
    ): Change =>
    (from, payloads, mark) =>
      from === who && mark.messageId === n + 1 ? edit(payloads) : payloads

  it.each([
    ['AUTH instead of EAP', 1, () => [auth], /AUTH before EAP has ended/],
    [
      'AUTH beside EAP',
      2,
      (payloads: readonly Payload[]) => [...payloads, auth],
      /AUTH before EAP has ended/,
    ],
    ['nothing', 1, () => [], /no EAP payload/],
    ['EAP-Success', 1, () => [{ type: 'EAP', packet: success }], /EAP code 3 from a client/],
    ['an EAP request', 1, () => [{ type: 'EAP', packet: request(9) }], /EAP code 1 from a client/],
    ['no AUTH after success', 4, () => [{ type: 'EAP', packet: response(9) }], /no AUTH after EAP/],
    [
      'EAP beside the last AUTH',
      4,
      (payloads: readonly Payload[]) => [...payloads, { type: 'EAP', packet: response(9) }],
      /EAP goes on/,
    ],
    ['an AUTH of another method', 4, () => [{ ...auth, method: 14 }], /AUTH method 14/],
    ['two AUTH', 4, (payloads: readonly Payload[]) => [...payloads, auth], /two AUTH/],
  ] as const)('of a client is refused: %s', (_name, n, edit, reason) => {
    const { responder } = pair({}, {}, nth('initiator', n, edit as never))
    expect(responder.ended).toMatch(reason)
    expect(responder.of('eap-close')).toHaveLength(1)
    expect(responder.events('established')).toEqual([])
  })

  it.each([
    [
      'no AUTH of its own',
      0,
      (list: readonly Payload[]) => list.filter(({ type }) => type !== 'AUTH'),
      /proves nothing/,
    ],
    ['no EAP', 0, (list: readonly Payload[]) => list.filter(({ type }) => type !== 'EAP'), /without the EAP/],
    [
      'AUTH by shared secret',
      0,
      (list: readonly Payload[]) => list.map(payload => (payload.type === 'AUTH' ? auth : payload)),
      /by a shared secret/,
    ],
    ['AUTH amid EAP', 1, (list: readonly Payload[]) => [...list, auth], /before EAP has ended/],
    ['an EAP response', 1, () => [{ type: 'EAP', packet: response(1) }], /EAP code 2/],
    ['nothing', 1, () => [], /neither EAP nor AUTH/],
    [
      'a wrong last AUTH',
      4,
      (list: readonly Payload[]) => list.map(payload => (payload.type === 'AUTH' ? auth : payload)),
      /shared secret differs/,
    ],
  ] as const)('of a server is refused: %s', (_name, n, edit, reason) => {
    const run = pair({}, {}, nth('responder', n, edit as never))
    expect(run.initiator.ended).toMatch(reason)
    expect(run.initiator.events('established')).toEqual([])
    expect(run.initiator.spis.size).toBe(0)
    expect(run.initiator.of('eap-close')).toHaveLength(n === 0 ? 0 : 1)
    expect(run.informed).toMatchObject([[{ type: 'N', notify: NOTIFY.AUTHENTICATION_FAILED }]])
  })

  it('takes no shared secret of a server, even one that is right: other clients know it', () => {
    const psk = new Uint8Array(16).fill(3)
    const shared: Change = (from, payloads) =>
      from === 'responder'
        ? payloads.map(payload => {
            const { responder } = run
            if (payload.type !== 'AUTH' || !responder.sa.initial) return payload
            const prover = { end: 'responder', identification: responder.sa.terms.identification } as const
            return proveSecret(responder.sa, responder.sa.initial, prover, psk)
          })
        : payloads
    const run = prepared({ terms: { peer: { ...CLIENT, psk } } }, {}, shared)
    expect(run.run().initiator.ended).toBe('the server proves itself by a shared secret')
  })

  it('ends after a bounded number of rounds', () => {
    const endless: Converse = output => ({
      type: 'eap-packet',
      session: 2,
      packet: request(output.type === 'eap-start' ? 1 : ((output.packet[1] as number) + 1) % 256),
    })
    expect(pair({}, { eap: endless }).responder.ended).toBe('more than 128 rounds of EAP')
  })

  it('is not begun where it is not allowed, or where we have no certificate', () => {
    expect(pair({}, { terms: { peer: CLIENT } }).responder.ended).toBe('EAP is not allowed')
    const psk = { type: 'psk', secret: new Uint8Array(16) } as const
    expect(pair({}, { terms: { own: psk } }).responder.ended).toBe('EAP without a certificate of our own')
  })
})

function withKey(msk: Uint8Array | undefined): (command: EapCommand) => EapCommand {
  return command => (command.type === 'eap-success' ? { ...command, msk } : command)
}

function keyed(msk: Uint8Array | undefined): Converse {
  return output => {
    const command = peer?.(output)
    return command && withKey(msk)(command)
  }
}
