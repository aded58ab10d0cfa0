import type { SignatureScheme } from '@causeway/crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PeerTerms } from '../peer-terms.ts'
import { trust } from '../testing/terms.suite.ts'
import { AUTH_METHOD, NOTIFY } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import { answerIkeAuth } from './answer-ike-auth.ts'
import { AuthPair, allow, type Change, type Decide, type EndOptions, net } from './auth-pair.suite.ts'
import { type Credential, createCredentials } from './credentials.suite.ts'

const EMPTY_HEADER: IkeHeader = {
  initiatorSpi: new Uint8Array(8),
  responderSpi: new Uint8Array(8),
  exchange: 0,
  fromInitiator: true,
  response: false,
  messageId: 1,
}

type Kind = 'rsa' | 'p256' | 'p384' | 'other'
let credentials: Record<Kind, Credential>

beforeAll(async () => {
  credentials = await createCredentials({
    rsa: 'rsa-2048',
    p256: 'ecdsa-p256',
    p384: 'ecdsa-p384',
    other: 'ecdsa-p256',
  })
})

const byCertificate: PeerTerms['peer'] = { certificate: true, eap: false }
const letIn = allow(net('10.2.0.0/16'), net('10.1.0.0/16'))

function end(kind: Kind, decide: Decide, schemes?: readonly SignatureScheme[]): EndOptions {
  const credential = credentials[kind]
  return {
    terms: { own: credential.own(schemes), peer: byCertificate },
    decide: request => credential.sign(request) ?? decide?.(request),
  }
}

/** Both ends by certificate. */
function pair(
  initiator: Partial<EndOptions> = {},
  responder: Partial<EndOptions> = {},
  change?: Change,
): AuthPair {
  return new AuthPair({ ...end('p256', trust), ...initiator }, { ...end('rsa', letIn), ...responder }, change)
}

const change =
  (who: 'initiator' | 'responder', edit: (payload: Payload) => Payload | readonly Payload[]): Change =>
  (from, payloads) =>
    from === who ? payloads.flatMap(edit) : payloads

const flipSignature = (payload: Payload): Payload => {
  if (payload.type !== 'AUTH') return payload
  const data = payload.data.slice()
  data[data.length - 1] = (data[data.length - 1] as number) ^ 1
  return { ...payload, data }
}

describe('certificates', () => {
  const hashes = ['SHA1', 'SHA256', 'SHA384', 'SHA512'] as const
  const modern: [Kind, SignatureScheme][] = [
    ...hashes.map(hash => ['rsa', { family: 'RSA-PKCS1', hash }] as [Kind, SignatureScheme]),
    ...hashes.slice(1).map(hash => ['rsa', { family: 'RSA-PSS', hash }] as [Kind, SignatureScheme]),
    ...hashes.map(hash => ['p384', { family: 'ECDSA', hash, encoding: 'DER' }] as [Kind, SignatureScheme]),
  ]

  it.each(modern)('of %s sign by RFC 7427 with %o, either end', (kind, scheme) => {
    const used = (side: { of(type: 'request'): readonly { request: { type: string } }[] }) =>
      side.of('request').find(({ request }) => request.type === 'sign')
    const { initiator, responder } = new AuthPair(
      end(kind, trust, [scheme]),
      end(kind, letIn, [scheme]),
    ).run()
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    expect([used(initiator), used(responder)]).toMatchObject([
      { request: { scheme } },
      { request: { scheme } },
    ])
  })

  it.each([
    ['rsa', AUTH_METHOD.RSA_SIGNATURE, { family: 'RSA-PKCS1', hash: 'SHA1' }],
    ['p256', AUTH_METHOD.ECDSA_256, { family: 'ECDSA', hash: 'SHA256', encoding: 'IEEE-P1363' }],
    ['p384', AUTH_METHOD.ECDSA_384, { family: 'ECDSA', hash: 'SHA384', encoding: 'IEEE-P1363' }],
  ] as const)('of %s sign by method %i for peers without RFC 7427', (kind, method, scheme) => {
    const methods: number[] = []
    const { initiator, responder } = new AuthPair(
      { ...end(kind, trust, [scheme]), hashes: [] },
      { ...end(kind, letIn, [scheme]), hashes: [] },
      (_from, payloads) => {
        for (const payload of payloads) if (payload.type === 'AUTH') methods.push(payload.method)
        return payloads
      },
    ).run()
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    expect(methods).toEqual([method, method])
  })

  it.each([
    ['rsa', AUTH_METHOD.RSA_SIGNATURE],
    ['p256', AUTH_METHOD.ECDSA_256],
    ['p384', AUTH_METHOD.ECDSA_384],
  ] as const)('of %s sign by method %i of all that the key can do, for such peers', (kind, method) => {
    const methods: number[] = []
    const noting: Change = (_from, payloads) => {
      for (const payload of payloads) if (payload.type === 'AUTH') methods.push(payload.method)
      return payloads
    }
    const run = new AuthPair({ ...end(kind, trust), hashes: [] }, { ...end(kind, letIn), hashes: [] }, noting)
    expect(run.run().responder.state).toBe('established')
    expect(methods).toEqual([method, method])
  })

  it('come with their chains, in both directions and unasked', () => {
    const { initiator, responder } = pair().run()
    const judged = (side: typeof initiator) =>
      side
        .of('request')
        .flatMap(({ request }) => (request.type === 'authenticate' ? [request.peerChain] : []))
    expect(judged(responder)).toEqual([credentials.p256.chain])
    expect(judged(initiator)).toEqual([credentials.rsa.chain])
  })

  it('are judged only after the signature, and refused before that when it is wrong', () => {
    const { initiator, responder } = pair({}, {}, change('initiator', flipSignature)).run()
    expect(responder.ended).toMatch(/is not by the certificate's key/)
    expect(responder.of('request')).toEqual([])
    expect(initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
  })

  it('refuse a certificate that the key does not belong to', () => {
    const stolen = change('initiator', payload =>
      payload.type === 'CERT' ? { ...payload, data: credentials.other.chain[0] as Uint8Array } : payload,
    )
    expect(pair({}, {}, stolen).run().responder.ended).toMatch(/is not by the certificate's key/)
  })

  it('say so where no signature of the certificate could be accepted', () => {
    const unreadable = change('initiator', payload =>
      payload.type === 'CERT' ? { ...payload, data: Uint8Array.of(0x30, 0) } : payload,
    )
    expect(pair({}, {}, unreadable).run().responder.ended).toBe('the certificate cannot be read')
  })

  it('refuse a server whose signature is wrong, and tell it so', () => {
    const run = pair({}, {}, change('responder', flipSignature)).run()
    expect(run.initiator.ended).toMatch(/is not by the certificate's key/)
    expect(run.initiator.of('request').map(({ request }) => request.type)).toEqual(['sign'])
    expect(run.informed).toMatchObject([[{ type: 'N', notify: NOTIFY.AUTHENTICATION_FAILED }]])
    expect(run.initiator.of('install-sa')).toEqual([])
    expect(run.initiator.spis.size).toBe(0)
  })

  it('refuse a server that the outside does not trust, and tell it so', () => {
    const deny: Decide = request =>
      request.type === 'authenticate'
        ? { type: 'deny', reason: 'another name' }
        : credentials.p256.sign(request)
    const run = pair({ decide: deny }).run()
    expect(run.initiator.ended).toBe('another name')
    expect(run.informed).toMatchObject([[{ type: 'N', notify: NOTIFY.AUTHENTICATION_FAILED }]])
  })

  it('refuse a signature that was made for another hash than it says', () => {
    const relabelled = change('initiator', payload => {
      if (payload.type !== 'AUTH') return payload
      const data = payload.data.slice()
      // ecdsa-with-SHA256 → ecdsa-with-SHA384: the last byte of the OID.
      data[12] = 3
      return { ...payload, data }
    })
    expect(pair({}, {}, relabelled).run().responder.ended).toMatch(/ECDSA with SHA384/)
  })

  it('refuse a reflected AUTH: the ends sign different octets', () => {
    let sent: readonly Payload[] = []
    const reflect: Change = (from, payloads) => {
      if (from === 'initiator') sent = payloads
      const own = sent.flatMap(payload =>
        payload.type === 'CERT' || payload.type === 'AUTH' ? [payload] : [],
      )
      if (from === 'initiator') return payloads
      return [...payloads.filter(({ type }) => type !== 'CERT' && type !== 'AUTH'), ...own]
    }
    expect(pair({}, {}, reflect).run().initiator.ended).toMatch(/is not by the certificate's key/)
  })

  it.each([
    ['a second AUTH', { type: 'AUTH', method: 14, data: new Uint8Array(40) }, /two AUTH/],
    [
      'a second IDi',
      { type: 'IDi', identification: { type: 'ID_FQDN', number: 2, data: new Uint8Array(1) } },
      /two IDi/,
    ],
  ] as const)('refuse %s', (_name, extra, reason) => {
    const added: Change = (from, payloads) => (from === 'initiator' ? [...payloads, extra] : payloads)
    const { responder, initiator } = pair({}, {}, added).run()
    expect(responder.ended).toMatch(reason)
    expect(initiator.ended).toBe('the server says INVALID_SYNTAX')
  })

  it('refuse a certificate by hash and URL', () => {
    const byUrl: Payload = { type: 'CERT', encoding: 12, data: new Uint8Array(40) }
    const added: Change = (from, payloads) => (from === 'initiator' ? [...payloads, byUrl] : payloads)
    const { responder, initiator } = pair({}, {}, added).run()
    expect(responder.ended).toMatch(/hash and URL/)
    expect(initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
  })

  it('pass over certificates of other encodings, and take many', () => {
    const crl: Payload = { type: 'CERT', encoding: 7, data: new Uint8Array(900) }
    const leaf: Payload = { type: 'CERT', encoding: 4, data: new Uint8Array(900) }
    const added: Change = (from, payloads) =>
      from === 'initiator' ? [crl, ...payloads, ...Array<Payload>(13).fill(leaf)] : payloads
    const { responder } = pair({}, {}, added).run()
    expect(responder.state).toBe('established')
  })

  it.each([
    ['no certificate', 'CERT', /without a certificate/],
    ['no IDi', 'IDi', /no IDi/],
    ['no AUTH, which asks for EAP', 'AUTH', /EAP is not allowed/],
  ] as const)('refuse a peer with %s', (_name, type, reason) => {
    const without = change('initiator', payload => (payload.type === type ? [] : payload))
    expect(pair({}, {}, without).run().responder.ended).toMatch(reason)
  })

  it('refuse a shared secret where only certificates are allowed', () => {
    const psk = { own: { type: 'psk', secret: new Uint8Array(16) }, peer: byCertificate } as const
    expect(pair({ terms: psk }).run().responder.ended).toBe(
      'the peer brought a pre-shared key (AUTH method 2); IKEv2 accepts: certificate',
    )
  })

  it('refuse when the peer understands none of our schemes', () => {
    const run = pair({}, { ...end('rsa', letIn, [{ family: 'RSA-PSS', hash: 'SHA256' }]), hashes: [] }).run()
    expect(run.responder.ended).toMatch(/understands none of the signatures/)
    expect(run.initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
  })

  it('refuse with the gateway: denied, full, or without its signature', () => {
    const saying =
      (reply: object): Decide =>
      request =>
        request.type === 'authenticate' ? (reply as never) : credentials.rsa.sign(request)
    const denied = pair({}, { decide: saying({ type: 'deny', reason: 'revoked' }) }).run()
    expect([denied.responder.ended, denied.initiator.ended]).toEqual([
      'revoked',
      'the server says AUTHENTICATION_FAILED',
    ])
    const full = pair({}, { decide: saying({ type: 'deny', reason: 'no address left', full: true }) }).run()
    expect([full.responder.ended, full.initiator.ended]).toEqual([
      'no address left',
      'the server says INTERNAL_ADDRESS_FAILURE',
    ])
    const silentKey: Decide = request =>
      request.type === 'sign' ? { type: 'no-signature', reason: 'vault is shut' } : letIn?.(request)
    expect(pair({}, { decide: silentKey }).run().responder.ended).toBe('our key did not sign: vault is shut')
  })

  it('never answer IKE_AUTH twice: a second one is dropped, before the decision and after', () => {
    const header = { ...EMPTY_HEADER, exchange: 35 }
    const run = pair({}, { decide: () => undefined }).run()
    expect(run.responder.state).toBe('initial')
    const again = () => answerIkeAuth(run.responder.sa, { header, payloads: [] }, 0)
    expect(again()).toEqual({ type: 'ignore', reason: 'IKE_AUTH out of turn' })
    const done = pair().run()
    const late = answerIkeAuth(done.responder.sa, { header, payloads: [] }, 0)
    expect(late).toEqual({ type: 'ignore', reason: 'IKE_AUTH out of turn' })
    const reversed = answerIkeAuth(done.initiator.sa, { header, payloads: [] }, 0)
    expect(reversed).toEqual({ type: 'ignore', reason: 'IKE_AUTH out of turn' })
  })
})
