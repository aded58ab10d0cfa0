import { asciiBytes, parseIpAddress, sameBytes } from '@causeway/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  addressIdentification,
  distinguishedNameIdentification,
  type Identification,
  mailIdentification,
  nameIdentification,
  sameIdentification,
} from '../identification.ts'
import type { PeerTerms, SessionTerms } from '../peer-terms.ts'
import { trust } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { AuthPair, type Change, type Decide, type EndOptions, net, TERMS } from './auth-pair.suite.ts'
import { type Credential, createCredentials } from './credentials.suite.ts'

let gateway: Credential
let connection: Credential
let device: Credential

beforeAll(async () => {
  const kinds = { gateway: 'ecdsa-p256', connection: 'ecdsa-p384', device: 'ecdsa-p256' } as const
  const made = await createCredentials(kinds)
  gateway = made.gateway
  connection = made.connection
  device = made.device
})

const SECRET = asciiBytes('the secret of Oslo')
const OSLO = nameIdentification('oslo.example')
const BY_PSK: PeerTerms['peer'] = { certificate: false, eap: false, psk: SECRET }
const BY_CERTIFICATE: PeerTerms['peer'] = { certificate: true, eap: false }

/** What a responder says to peers of unknown addresses: certificates, EAP, secrets by identity. */
function common(): Partial<PeerTerms> {
  const peer = { certificate: true, eap: true, pskByIdentity: true }
  return { label: 'common', own: gateway.own(), peer }
}

/** A device with a pre-shared key. */
function pskDevice(secret = SECRET, identification: Identification = OSLO): EndOptions {
  const own = { type: 'psk', secret } as const
  return { decide: trust, terms: { identification, own, peer: { ...BY_PSK, psk: secret } } }
}

/** A device with a certificate, which may name itself as it likes. */
function certificateDevice(identification: Identification = OSLO): EndOptions {
  const terms = { identification, own: device.own(), peer: BY_CERTIFICATE }
  return { decide: request => device.sign(request) ?? trust(request), terms }
}

/** The outside of a responder that knows Oslo's secret and grants with these terms. */
function site(terms?: SessionTerms): Decide {
  return request => {
    if (request.type === 'psk')
      return sameIdentification(request.identification, OSLO)
        ? { type: 'psk', secret: SECRET }
        : { type: 'deny', reason: 'no connection has this identity' }
    if (request.type === 'sign')
      return [gateway, connection].find(({ chain: [leaf] }) => sameCertificate(leaf, request))?.sign(request)
    const grant = { local: net('10.2.0.0/16'), remote: net('10.1.0.0/16'), ...(terms && { terms }) }
    return request.type === 'authenticate' ? { type: 'allow', grant } : undefined
  }
}

const sameCertificate = (
  leaf: Uint8Array | undefined,
  { certificate }: { readonly certificate: Uint8Array },
) => leaf !== undefined && sameBytes(leaf, certificate)

const states = ({ initiator, responder }: AuthPair) => [initiator.state, responder.state]
const UP = ['established', 'established']

describe('a pre-shared key by identity', () => {
  //   initiator             responder           outside
  //     | -- IDi, AUTH ---------> | -- psk --------> |
  //     |                         | -- authenticate ->|
  //     | <- IDr, AUTH ---------- |                  |
  it('lets the peer in, and proves us by the same secret', () => {
    const pair = new AuthPair(pskDevice(), { terms: common(), decide: site() }).run()
    expect(states(pair)).toEqual(UP)
    const asked = pair.responder.of('request').map(({ request }) => request)
    expect(asked).toMatchObject([
      { type: 'psk', label: 'common', identification: OSLO, wanted: undefined },
      { type: 'authenticate', method: 'psk', label: 'common', identification: OSLO },
    ])
  })

  it('is asked for by the identity that the peer wants to talk to as well', () => {
    const wanted = nameIdentification('gateway.example')
    const { terms, ...rest } = pskDevice()
    const device = { ...rest, terms: { ...terms, expectedIdentification: wanted } }
    const { responder } = new AuthPair(device, { terms: common(), decide: site() }).run()
    expect(responder.of('request')[0]?.request).toMatchObject({ type: 'psk', wanted })
    expect(responder.of('request')[1]?.request).toMatchObject({ type: 'authenticate', wanted })
  })

  it('is not asked for where the terms have one', () => {
    const pair = new AuthPair(pskDevice(), {
      terms: { own: { type: 'psk', secret: SECRET }, peer: { ...BY_PSK, pskByIdentity: true } },
      decide: site(),
    }).run()
    expect(states(pair)).toEqual(UP)
    expect(pair.responder.of('request').map(({ request }) => request.type)).toEqual(['authenticate'])
  })

  it('cannot be told from one that nobody has: the same messages, the same work', () => {
    const attempt = (options: EndOptions) => {
      const said: (readonly Payload[])[] = []
      const listen: Change = (from, payloads) => {
        if (from === 'responder') said.push(payloads)
        return payloads
      }
      const pair = new AuthPair(options, { terms: common(), decide: site() }, listen)
      let macs = 0
      const { hmac } = pair.crypto
      pair.crypto.hmac = (...given) => {
        macs++
        return hmac.apply(pair.crypto, given)
      }
      pair.run()
      return { said, macs, ended: pair.responder.ended }
    }
    const wrongSecret = attempt(pskDevice(asciiBytes('another secret')))
    const unknown = attempt(pskDevice(SECRET, nameIdentification('bergen.example')))
    expect(wrongSecret.said).toMatchObject([[{ type: 'N', notify: NOTIFY.AUTHENTICATION_FAILED }]])
    expect(unknown.said).toEqual(wrongSecret.said)
    expect(unknown.macs).toBe(wrongSecret.macs)
    expect([wrongSecret.ended, unknown.ended]).toEqual([
      'the shared secret differs',
      'no connection has this identity',
    ])
  })

  it.each([
    ['an empty one', { type: 'psk', secret: new Uint8Array() }, 'no pre-shared key goes with its identity'],
    ['an answer to another question', { type: 'trust' }, 'no pre-shared key goes with its identity'],
  ] as const)('lets nobody in with %s', (_, reply, reason) => {
    const decide: Decide = request => (request.type === 'psk' ? reply : site()(request))
    const { responder } = new AuthPair(pskDevice(new Uint8Array()), { terms: common(), decide }).run()
    expect([responder.ended, responder.of('install-sa')]).toEqual([reason, []])
  })
})

describe('the terms of a grant', () => {
  it('show the peer the certificate of its connection, by the schemes of its key', () => {
    const identification = nameIdentification('azure.example')
    const terms: SessionTerms = { own: connection.own(), identification, label: 'to Oslo' }
    const pair = new AuthPair(certificateDevice(), { terms: common(), decide: site(terms) }).run()
    expect(states(pair)).toEqual(UP)
    const [judged] = pair.initiator.of('request').filter(({ request }) => request.type === 'authenticate')
    expect(judged?.request).toMatchObject({ identification, peerChain: connection.chain })
    const [signed] = pair.responder.of('request').filter(({ request }) => request.type === 'sign')
    expect(signed?.request).toMatchObject({ certificate: connection.chain[0] })
  })

  it('decide the times, the Child SAs and their number from then on', () => {
    const espSuites = [{ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' }] as const
    const terms = { espSuites, childRekeySeconds: 27_000, livenessSeconds: 45, childSas: 200 }
    const pair = new AuthPair(certificateDevice(), { terms: common(), decide: site(terms) }).run()
    expect(states(pair)).toEqual(UP)
    expect(pair.responder.sa.terms).toMatchObject(terms)
    expect(pair.responder.of('install-sa')[0]?.sa.suite).toMatchObject(espSuites[0])
  })

  it('leave alone what the terms were made of', () => {
    const secret = SECRET.slice()
    const terms: SessionTerms = { own: { type: 'psk', secret }, peer: { ...BY_PSK, psk: secret } }
    const pair = new AuthPair(pskDevice(), { terms: common(), decide: site(terms) }).run()
    secret.fill(0)
    expect(states(pair)).toEqual(UP)
    expect(pair.responder.sa.terms.own).toEqual({ type: 'psk', secret: SECRET })
  })

  const refused = (device: EndOptions, terms: SessionTerms) => {
    const { initiator, responder } = new AuthPair(device, { terms: common(), decide: site(terms) }).run()
    expect(initiator.ended).toBe('the server says AUTHENTICATION_FAILED')
    expect([responder.of('install-sa'), responder.events('established')]).toEqual([[], []])
    return responder.ended
  }

  it('refuse a pre-shared key where the connection demands a certificate', () => {
    expect(refused(pskDevice(), { peer: BY_CERTIFICATE })).toMatch(
      /by a pre-shared key, which its connection/,
    )
  })

  it('refuse a certificate where the connection has a pre-shared key', () => {
    expect(refused(certificateDevice(), { peer: BY_PSK })).toMatch(/by a certificate, which its connection/)
  })

  it('refuse the secret of another connection', () => {
    const peer = { ...BY_PSK, psk: asciiBytes('the secret of Bergen') }
    expect(refused(pskDevice(), { peer })).toMatch(/by a pre-shared key, which its connection/)
  })

  it('refuse an IKE SA of a suite that the connection does not have', () => {
    const ikeSuites = [{ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' }] as const
    expect(refused(certificateDevice(), { ikeSuites })).toMatch(/^its connection has .*; agreed was /)
  })
})

describe('an initiator that allows its server', () => {
  it('lets it ask for what the grant names, not only for what it offered itself', () => {
    const [local, remote] = [net('10.1.0.0/16', '10.9.0.0/16'), net('0.0.0.0/0')]
    const decide: Decide = request =>
      request.type === 'authenticate' ? { type: 'allow', grant: { local, remote } } : undefined
    const terms = { identification: OSLO, peer: BY_PSK, own: { type: 'psk', secret: SECRET } } as const
    const pair = new AuthPair({ decide, terms }, { terms: { peer: BY_PSK, own: terms.own }, decide: site() })
    pair.run()
    expect(pair.initiator.sa.children.scope).toEqual({ local, remote })
    expect(new AuthPair({ decide: trust }, { decide: site() }).run().initiator.sa.children.scope).toEqual({
      local: TERMS.local,
      remote: TERMS.remote,
    })
  })
})

describe('identities', () => {
  const IPV4 = parseIpAddress('192.0.2.7')
  const IPV6 = parseIpAddress('2001:db8::7')
  if (!IPV4 || !IPV6) throw new Error('no addresses')
  /** CN=oslo, as DER. */
  const NAME = Uint8Array.of(
    0x30,
    0x0f,
    0x31,
    0x0d,
    0x30,
    0x0b,
    6,
    3,
    0x55,
    4,
    3,
    0x0c,
    4,
    0x6f,
    0x73,
    0x6c,
    0x6f,
  )

  it.each<[string, Identification]>([
    ['ID_DER_ASN1_DN', distinguishedNameIdentification(NAME)],
    ['ID_FQDN', nameIdentification('not-the-subject.example')],
    ['ID_RFC822_ADDR', mailIdentification('vpn@oslo.example')],
    ['ID_IPV4_ADDR', addressIdentification(IPV4)],
    ['ID_IPV6_ADDR', addressIdentification(IPV6)],
  ])('of %s are handed out with the chain, whatever its subject is', (type, identification) => {
    const pair = new AuthPair(certificateDevice(identification), { terms: common(), decide: site() }).run()
    expect(states(pair)).toEqual(UP)
    expect(identification.type).toBe(type)
    const [question] = pair.responder.of('request')
    expect(question?.request).toMatchObject({
      method: 'certificate',
      identification,
      peerChain: device.chain,
    })
  })

  it('are the same when kind and bytes are', () => {
    expect(sameIdentification(OSLO, nameIdentification('oslo.example'))).toBe(true)
    expect(sameIdentification(OSLO, mailIdentification('oslo.example'))).toBe(false)
    expect(sameIdentification(OSLO, nameIdentification('oslo.example.'))).toBe(false)
  })
})
