import { beforeAll, describe, expect, test } from 'vitest'
import type { IssuedCertificate } from '../issuing.ts'
import { day, extension, now } from '../pki.suite.ts'
import { judgeOutboundCertificate, type OutboundMaterial } from './outbound.ts'
import {
  authority,
  both,
  clientAuth,
  issueSite,
  opensslIssued,
  opensslSelfSigned,
  present,
  serverAuth,
  usages,
} from './site-pki.suite.ts'

let root: IssuedCertificate
let intermediate: IssuedCertificate
let leaf: IssuedCertificate
const ANEW =
  'issue it anew with extendedKeyUsage = serverAuth, clientAuth (1.3.6.1.5.5.7.3.1 and 1.3.6.1.5.5.7.3.2)'
const EKU_BOTH = 'extendedKeyUsage=serverAuth,clientAuth\n'

beforeAll(async () => {
  root = await issueSite('CN=Root', { extensions: authority })
  intermediate = await issueSite('CN=Middle', { issuer: root, extensions: authority })
  leaf = await issueSite('CN=gateway', { issuer: intermediate })
})

function material(issued: IssuedCertificate, ...others: IssuedCertificate[]): OutboundMaterial {
  const chain = [issued, ...others].map(({ certificate }) => certificate)
  return { chain, privateKey: issued.privateKey, unixSeconds: now }
}

function judged(of: OutboundMaterial): string {
  const result = judgeOutboundCertificate(of)
  return result.type === 'accepted' ? 'accepted' : `${result.code}: ${result.message}`
}

describe('an outbound certificate is accepted', () => {
  test('with its issuers; the root is not sent', () => {
    expect(judgeOutboundCertificate(material(leaf, intermediate, root))).toEqual({
      type: 'accepted',
      subject: 'CN=gateway',
      notAfter: now + 365 * day,
      keyType: 'EC',
      keyBits: 256,
      chainToSend: [leaf.certificate, intermediate.certificate],
      notes: ['the root is not sent: the device must have it'],
    })
  })

  test('in any order, and with repetitions', () => {
    const chain = [root, intermediate, leaf, root].map(({ certificate }) => certificate)
    const result = judgeOutboundCertificate({ ...material(leaf), chain })
    expect(result).toMatchObject({
      chainToSend: [leaf.certificate, intermediate.certificate],
      notes: [
        'the certificates were not in order, the leaf first: they are sent in order',
        'the root is not sent: the device must have it',
      ],
    })
  })

  test('without its root, and without any issuer', () => {
    expect(judgeOutboundCertificate(material(leaf, intermediate))).toMatchObject({
      type: 'accepted',
      notes: [],
    })
    expect(judgeOutboundCertificate(material(leaf))).toMatchObject({
      chainToSend: [leaf.certificate],
      notes: ['its issuer "CN=Middle" is not beside the certificate: the device must have it'],
    })
  })

  test('when it is self-signed', async () => {
    const own = await issueSite('CN=own', { key: 'rsa-2048' })
    expect(judgeOutboundCertificate(material(own))).toMatchObject({
      keyType: 'RSA',
      keyBits: 2048,
      chainToSend: [own.certificate],
      notes: ['the certificate is self-signed: the device must trust this certificate itself'],
    })
  })

  test('with a subject without a common name, which is noted', async () => {
    const nameless = await issueSite('O=Contoso')
    expect(judgeOutboundCertificate(material(nameless))).toMatchObject({
      notes: [
        expect.stringContaining('self-signed'),
        'the subject has no common name: many devices look for one',
      ],
    })
  })

  test('when openssl made it', () => {
    const made = opensslIssued('/CN=o', ['rsa:3072'], EKU_BOTH)
    const result = judgeOutboundCertificate({ ...material(made.leaf, made.root), unixSeconds: present })
    expect(result).toMatchObject({ type: 'accepted', keyBits: 3072, chainToSend: [made.leaf.certificate] })
  })
})

describe('an outbound certificate is refused', () => {
  const cases: readonly (readonly [() => Promise<OutboundMaterial> | OutboundMaterial, string])[] = [
    [
      () => ({ chain: [], unixSeconds: now }),
      'no-certificate: there is no certificate: import one into the vault',
    ],
    [
      () => ({ ...material(leaf), chain: Array.from({ length: 11 }, () => leaf.certificate) }),
      'too-many-certificates: there are 11 certificates, 10 are allowed: leave out what is not an issuer of the certificate',
    ],
    [
      () => ({ ...material(leaf), chain: [leaf.certificate, Uint8Array.of(0x30, 0)] }),
      'malformed: certificate 2 is not X.509 in DER: export it again',
    ],
    [
      () => ({ chain: [leaf.certificate], unixSeconds: now }),
      'no-private-key: the certificate has no private key: import a .pfx or PEM that holds it, exportable, and let the identity read secrets',
    ],
    [
      () => ({
        ...material(leaf),
        privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      }),
      'unreadable-private-key: the private key is not an unencrypted key in PEM: import it again',
    ],
    [
      () => ({ ...material(leaf), privateKey: root.privateKey }),
      'key-mismatch: the private key belongs to none of the certificates: import the certificate with the key that it was issued for',
    ],
    [
      () => ({
        ...material(opensslSelfSigned('-newkey', 'rsa:1024', '-subj', '/CN=small')),
        unixSeconds: present,
      }),
      'key-too-small: the RSA key of "CN=small" has 1024 bits, 2048 are required: issue it anew with a larger key',
    ],
    [
      () =>
        material(
          opensslSelfSigned('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp224r1', '-subj', '/CN=small'),
        ),
      'key-too-small: the EC key of "CN=small" has 224 bits, 256 are required: issue it anew with a larger key',
    ],
    [
      () => material(opensslSelfSigned('-newkey', 'ed25519', '-subj', '/CN=ed')),
      'unsupported-key: "CN=ed" has a key of type ED25519: use RSA of 2048 bits or more, or ECDSA',
    ],
    [
      () => {
        const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']
        const addext = ['-addext', 'extendedKeyUsage=serverAuth,clientAuth']
        return {
          ...material(opensslSelfSigned(...curve, ...addext, '-subj', '/CN=k1')),
          unixSeconds: present,
        }
      },
      'other: "CN=k1" is refused: the EC key is on secp256k1, only P-256, P-384 and P-521 are accepted; issue it anew',
    ],
    [
      () => material(opensslSelfSigned('-newkey', 'rsa:2048', '-subj', '/')),
      'empty-subject: the certificate has no subject name: issue it with a common name',
    ],
    [
      async () => material(await issueSite('CN=bare', { extensions: [extension.leafUsage()] })),
      `missing-server-auth: "CN=bare" has no extended key usage, and must have server and client authentication: ${ANEW}`,
    ],
    [
      async () => material(await issueSite('CN=c', { extensions: [usages(clientAuth)] })),
      `missing-server-auth: "CN=c" is not for server authentication: ${ANEW}`,
    ],
    [
      async () => material(await issueSite('CN=s', { extensions: [usages(serverAuth)] })),
      `missing-client-auth: "CN=s" is not for client authentication: ${ANEW}`,
    ],
    [
      async () => material(await issueSite('CN=any', { extensions: [extension.anyUsage()] })),
      `missing-server-auth: "CN=any" is not for server authentication: ${ANEW}`,
    ],
    [
      async () => material(await issueSite('CN=k', { extensions: [extension.authorityUsage(), both] })),
      'key-usage: the key usage of "CN=k" lacks digitalSignature: issue it anew with it',
    ],
    [
      () => ({
        ...material(opensslIssued('/CN=w', ['rsa:2048'], EKU_BOTH, '-sha1').leaf),
        unixSeconds: present,
      }),
      'weak-signature: "CN=w" is signed with SHA1, which can be forged: issue it anew with SHA-256 or better',
    ],
    [
      () => ({
        ...material(opensslIssued('/CN=w', ['rsa:2048'], EKU_BOTH, '-md5').leaf),
        unixSeconds: present,
      }),
      'weak-signature: "CN=w" is signed with MD5, which can be forged: issue it anew with SHA-256 or better',
    ],
    [
      () => ({ ...material(leaf), unixSeconds: now + 366 * day }),
      'expired: "CN=gateway" expired on 2028-01-15T08:00:00Z: renew it',
    ],
    [
      () => ({ ...material(leaf), unixSeconds: now - 2 * day }),
      'not-yet-valid: "CN=gateway" is not valid before 2027-01-14T08:00:00Z: wait, or set the clocks right',
    ],
    [
      async () => {
        const notAfter = now + 2 * day
        const brief = await issueSite('CN=Brief', { issuer: root, extensions: authority, notAfter })
        const below = await issueSite('CN=below', { issuer: brief, notAfter: now + day })
        const old = await issueSite('CN=Brief', {
          issuer: root,
          extensions: authority,
          key: { privateKey: brief.privateKey },
          notAfter: now - 60,
        })
        return material(below, old, root)
      },
      'expired: "CN=Brief" expired on 2027-01-15T07:59:00Z: renew it',
    ],
    [
      async () => material(leaf, intermediate, await issueSite('CN=Stray', { extensions: authority })),
      'chain-broken: "CN=Stray" stands beside the certificate but is none of its issuers: put the certificates of its issuers there, or leave it out',
    ],
    [
      async () => material(leaf, await issueSite('CN=Middle', { extensions: authority })),
      'chain-broken: "CN=Middle" stands beside the certificate but is none of its issuers: put the certificates of its issuers there, or leave it out',
    ],
    [
      () => {
        const damaged = leaf.certificate.slice()
        damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
        const chain = [damaged, intermediate.certificate, root.certificate]
        return { chain, privateKey: leaf.privateKey, unixSeconds: now }
      },
      'bad-signature: the signature on "CN=gateway" is not its issuer\'s: it is damaged or forged, or the issuer\'s key was changed under the same name; export the whole chain again',
    ],
  ]

  test.each(cases.map(([make, message]) => ({ make, message })))('$message', async ({ make, message }) => {
    expect(judged(await make())).toBe(message)
  })

  test('and never says anything of the key', () => {
    const secret = 'c2VjcmV0LXNlY3JldA=='
    const privateKey = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`
    expect(JSON.stringify(judgeOutboundCertificate({ ...material(leaf), privateKey }))).not.toContain(secret)
  })
})
