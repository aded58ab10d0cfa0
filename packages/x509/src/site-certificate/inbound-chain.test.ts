import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { beforeAll, describe, expect, test } from 'vitest'
import type { IssuedCertificate } from '../issuing.ts'
import { day, extension, now } from '../pki.suite.ts'
import type { RevocationReport } from '../revocation/revocation-report.ts'
import { type InboundChainRequest, judgeInboundChain } from './inbound-chain.ts'
import { type InboundTrust, readInboundTrust } from './inbound-trust.ts'
import {
  authority,
  base64,
  both,
  issueSite,
  opensslIssued,
  opensslSelfSigned,
  present,
  usages,
} from './site-pki.suite.ts'

let root: IssuedCertificate
let intermediate: IssuedCertificate
let device: IssuedCertificate
let direct: IssuedCertificate

beforeAll(async () => {
  root = await issueSite('CN=Root', { extensions: authority })
  intermediate = await issueSite('CN=Middle', { issuer: root, extensions: authority })
  device = await issueSite('O=Contoso, CN=site-1', { issuer: intermediate })
  direct = await issueSite('CN=site-1', { issuer: root })
})

function trusting(subjectName: string, unixSeconds: number, ...chain: IssuedCertificate[]): InboundTrust {
  const texts = chain.map(({ certificate }) => base64(certificate))
  const trust = readInboundTrust({ subjectName, chain: texts, unixSeconds })
  if (trust.type === 'refused') throw new Error(trust.message)
  return trust
}

const whole = () => trusting('site-1', now, root, intermediate)
const rootOnly = () => trusting('site-1', now, root)

function request(
  trust: InboundTrust,
  peer: readonly IssuedCertificate[],
  changes: Partial<InboundChainRequest> = {},
): InboundChainRequest {
  return { trust, peerChain: peer.map(({ certificate }) => certificate), unixSeconds: now, ...changes }
}

function judged(of: InboundChainRequest): string {
  const result = judgeInboundChain(of)
  return result.type === 'accepted' ? 'accepted' : `${result.code}: ${result.message}`
}

describe('a peer is accepted', () => {
  test('with its own certificate alone, when the intermediate is configured', () => {
    expect(judgeInboundChain(request(whole(), [device]))).toEqual({
      type: 'accepted',
      subject: 'CN=site-1,O=Contoso',
      notAfter: now + 365 * day,
      chain: [device, intermediate, root].map(({ certificate }) => certificate),
      notes: [],
    })
  })

  test('with an intermediate that it sends, when the root is configured', () => {
    expect(judged(request(rootOnly(), [device, intermediate]))).toBe('accepted')
    expect(judged(request(rootOnly(), [device, intermediate, root]))).toBe('accepted')
  })

  test('with its issuers in the wrong order, or others beside them, which is noted', async () => {
    const stray = await issueSite('CN=Stray', { extensions: authority })
    expect(judgeInboundChain(request(rootOnly(), [device, root, intermediate]))).toMatchObject({
      notes: [
        "the peer's certificates were not in order, its own first and each issuer next: they are taken in order",
      ],
    })
    expect(judgeInboundChain(request(rootOnly(), [device, intermediate, stray]))).toMatchObject({
      notes: ['the peer sent certificates that are not of its chain: they do not count'],
    })
  })

  test.each([['CN=site-1'], ['CN=site-1, O=Contoso'], ['O = Contoso, cn=site-1']])(
    'by the subject name "%s"',
    subjectName => {
      expect(judged(request(trusting(subjectName, now, root, intermediate), [device]))).toBe('accepted')
    },
  )

  test.each([
    [[extension.leafUsage()]],
    [[usages('1.3.6.1.5.5.7.3.1')]],
    [[usages('1.3.6.1.5.5.7.3.2')]],
    [[usages('1.3.6.1.5.5.7.3.17')]],
    [[extension.anyUsage()]],
    [[both, new x509.KeyUsagesExtension(x509.KeyUsageFlags.nonRepudiation, true)]],
    [[]],
  ])('with usages that IKE allows (%#)', async extensions => {
    const peer = await issueSite('CN=site-1', { issuer: root, extensions })
    expect(judged(request(rootOnly(), [peer]))).toBe('accepted')
  })

  test('when it is self-signed and configured itself', async () => {
    const own = await issueSite('CN=site-1')
    expect(judgeInboundChain(request(trusting('site-1', now, own), [own]))).toMatchObject({
      chain: [own.certificate],
    })
  })

  test('when openssl made it, with RSA', () => {
    const { leaf, root: anchor } = opensslIssued(
      '/O=Contoso/CN=site-1',
      ['rsa:2048'],
      'keyUsage=digitalSignature\n',
    )
    const trust = trusting('site-1', present, anchor)
    expect(judged(request(trust, [leaf], { unixSeconds: present }))).toBe('accepted')
  })

  test('until the first of its chain ends', async () => {
    const brief = await issueSite('CN=Brief', { issuer: root, extensions: authority, notAfter: now + day })
    const peer = await issueSite('CN=site-1', { issuer: brief, notAfter: now + day })
    expect(judgeInboundChain(request(trusting('site-1', now, root, brief), [peer]))).toMatchObject({
      notAfter: now + day,
    })
  })
})

const RENAME =
  "set the connection's inbound subject name to the common name of the certificate, or give the device the right one"

describe('a peer is refused', () => {
  const small = (...key: string[]) => opensslIssued('/CN=site-1', key, 'keyUsage=digitalSignature\n')
  const cases: readonly (readonly [() => Promise<InboundChainRequest> | InboundChainRequest, string])[] = [
    [() => request(whole(), []), 'no-certificate: the peer sent no certificate: let it send its own'],
    [
      async () => request(whole(), [await issueSite('CN=site-1')]),
      'root-missing: the root "CN=site-1" is not in the connection\'s inbound chain: add it there, if the device is to be trusted by it',
    ],
    [
      async () => {
        const other = await issueSite('CN=Other', { extensions: authority })
        return request(whole(), [await issueSite('CN=site-1', { issuer: other }), other])
      },
      'root-missing: the root "CN=Other" is not in the connection\'s inbound chain: add it there, if the device is to be trusted by it',
    ],
    [
      async () => {
        const other = await issueSite('CN=Other', { extensions: authority })
        const below = await issueSite('CN=Below', { issuer: other, extensions: authority })
        return request(whole(), [await issueSite('CN=site-1', { issuer: below }), below])
      },
      'root-missing: the issuer "CN=Other" of the authority "CN=Below" is not in the connection\'s inbound chain: add its certificate there, the root first',
    ],
    [
      async () => {
        const namesake = await issueSite('CN=Root', { extensions: authority })
        return request(whole(), [await issueSite('CN=site-1', { issuer: namesake })])
      },
      'root-missing: "CN=site-1" was not issued by the "CN=Root" of the inbound chain but by another key of that name: put the authority that issued it there',
    ],
    [
      () => request(rootOnly(), [device]),
      'intermediate-missing: the issuer "CN=Middle" of "CN=site-1,O=Contoso" was neither sent by the peer nor is it in the connection\'s inbound chain: add its certificate there, or let the device send it',
    ],
    [
      () => request(trusting('site-2', now, root), [direct]),
      `wrong-subject: the peer's certificate is "CN=site-1", expected is "site-2": ${RENAME}`,
    ],
    [
      () => request(trusting('SITE-1', now, root), [direct]),
      `wrong-subject: the peer's certificate is "CN=site-1", expected is "SITE-1", which differs in upper and lower case: ${RENAME}`,
    ],
    [
      () => request(trusting('CN=site-1, O=Fabrikam', now, root, intermediate), [device]),
      `wrong-subject: the peer's certificate is "CN=site-1,O=Contoso", expected is "CN=site-1, O=Fabrikam": ${RENAME}`,
    ],
    [
      async () =>
        request(trusting('site-2', now, root), [await issueSite('CN=site-1, O=site-2', { issuer: root })]),
      `wrong-subject: the peer's certificate is "O=site-2,CN=site-1", expected is "site-2": ${RENAME}`,
    ],
    [
      async () =>
        request(rootOnly(), [
          await issueSite('CN=site-1', { issuer: root, extensions: [usages('1.3.6.1.5.5.7.3.4')] }),
        ]),
      'key-usage: "CN=site-1" is not for this use: its extended key usages must have clientAuth, serverAuth, ipsecIKE or any',
    ],
    [
      async () => {
        const agreement = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement, true)
        return request(rootOnly(), [
          await issueSite('CN=site-1', { issuer: root, extensions: [both, agreement] }),
        ])
      },
      'key-usage: the key usage of "CN=site-1" lacks digitalSignature: issue it anew with it',
    ],
    [
      () => request(whole(), [device], { unixSeconds: now + 366 * day }),
      'expired: "CN=Root" expired on 2028-01-15T08:00:00Z: renew it',
    ],
    [
      async () => request(rootOnly(), [await issueSite('CN=site-1', { issuer: root, notAfter: now - 1 })]),
      'expired: "CN=site-1" expired on 2027-01-15T07:59:59Z: renew it',
    ],
    [
      async () => request(rootOnly(), [await issueSite('CN=site-1', { issuer: root, notBefore: now + 60 })]),
      'not-yet-valid: "CN=site-1" is not valid before 2027-01-15T08:01:00Z: wait, or set the clocks right',
    ],
    [
      () => {
        const made = small('rsa:1024')
        return request(trusting('site-1', present, made.root), [made.leaf], { unixSeconds: present })
      },
      'key-too-small: "CN=site-1" is refused: the RSA key has 1024 bits, 2048 are required; issue it anew with a larger key',
    ],
    [
      () => {
        const made = opensslIssued('/CN=site-1', ['rsa:2048'], 'keyUsage=digitalSignature\n', '-sha1')
        return request(trusting('site-1', present, made.root), [made.leaf], { unixSeconds: present })
      },
      'weak-signature: "CN=site-1" is signed with SHA1, which can be forged: issue it anew with SHA-256 or better',
    ],
    [
      () => {
        const made = small('ed25519')
        return request(trusting('site-1', present, made.root), [made.leaf], { unixSeconds: present })
      },
      'unsupported-key: "CN=site-1" has a key of type ED25519: use RSA of 2048 bits or more, or ECDSA',
    ],
    [
      async () => {
        const forged = await issueSite('CN=site-1', { issuer: { ...root, privateKey: device.privateKey } })
        return request(rootOnly(), [forged])
      },
      'bad-signature: the signature on "CN=site-1" is not its issuer\'s: it is damaged or forged, or the issuer\'s key was changed under the same name; export the whole chain again',
    ],
    [
      async () => {
        const flat = await issueSite('CN=Flat', {
          issuer: root,
          extensions: [extension.authority(0), extension.authorityUsage()],
        })
        const deep = await issueSite('CN=Deep', { issuer: flat, extensions: authority })
        return request(rootOnly(), [await issueSite('CN=site-1', { issuer: deep }), deep, flat])
      },
      'path-length: "CN=Flat" allows fewer authorities below it than the chain has: issue with fewer, or raise its pathLenConstraint',
    ],
    [
      async () => {
        const bound = await issueSite('CN=Bound', {
          issuer: root,
          extensions: [...authority, extension.permittedDns('contoso.com')],
        })
        const extensions = [both, extension.dns('fabrikam.com')]
        return request(rootOnly(), [await issueSite('CN=site-1', { issuer: bound, extensions }), bound])
      },
      'name-constraints: a name in "CN=site-1" is not one that its issuer may vouch for: issue it with a name within the issuer\'s name constraints',
    ],
    [
      async () =>
        request(rootOnly(), [
          await issueSite('CN=site-1', { issuer: root, extensions: [both, extension.unknownCritical()] }),
        ]),
      'critical-extension: "CN=site-1" has a critical extension that is not known here: issue it without, or not critical',
    ],
    [
      () =>
        request(
          whole(),
          Array.from({ length: 11 }, () => device),
        ),
      'chain-too-long: the chain is too long (the peer sent 11 certificates, 10 are allowed): use fewer certificates',
    ],
    [
      () => ({ ...request(whole(), []), peerChain: [Uint8Array.of(0x30, 1, 2)] }),
      'malformed: a certificate cannot be read (the certificate is not one certificate in DER): export it again',
    ],
  ]

  test.each(cases.map(([make, message]) => ({ make, message })))('$message', async ({ make, message }) => {
    expect(judged(await make())).toBe(message)
  })

  test('whose issuer is no authority', async () => {
    const extensions = [extension.authorityUsage()]
    const pretender = await issueSite('CN=Pretender', { issuer: root, extensions: authority })
    const plain = await issueSite('CN=Pretender', {
      issuer: root,
      extensions,
      key: { privateKey: pretender.privateKey },
    })
    const peer = await issueSite('CN=site-1', { issuer: pretender })
    expect(judged(request(rootOnly(), [peer, plain]))).toBe(
      'issuer-not-authority: "CN=Pretender" issued another certificate but is no authority that may: reissue it with basicConstraints CA:TRUE and the key usage keyCertSign',
    )
  })

  test('whatever byte of its certificate is another', () => {
    const trust = rootOnly()
    for (let at = 0; at < direct.certificate.length; at++) {
      const damaged = direct.certificate.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      const result = judgeInboundChain({ trust, peerChain: [damaged], unixSeconds: now })
      if (result.type === 'accepted') expect.fail(`byte ${at} changed, and accepted`)
    }
  })

  test('who is of a root that the system trusts, or the peer of another connection', () => {
    const other = opensslSelfSigned('-newkey', 'rsa:2048', '-subj', '/CN=Another Root')
    expect(judged(request(trusting('site-1', present, other), [direct]))).toMatch(/^intermediate-missing: /)
  })
})

describe('revocation', () => {
  const report = (mode: RevocationReport['mode'], state: 'good' | 'revoked' | 'unknown' | 'unnamed') => ({
    revocation: {
      mode,
      statuses: [device, intermediate].map(({ certificate }) => ({
        certificate,
        state,
        detail: 'OCSP of o.example',
      })),
    },
  })

  test.each([
    [
      'hard',
      'revoked',
      'revoked: "CN=site-1,O=Contoso" is revoked (OCSP of o.example): give the device a new certificate',
    ],
    [
      'soft',
      'revoked',
      'revoked: "CN=site-1,O=Contoso" is revoked (OCSP of o.example): give the device a new certificate',
    ],
    [
      'hard',
      'unknown',
      'revocation-unknown: whether "CN=site-1,O=Contoso" is revoked cannot be learned (OCSP of o.example): make the address reachable, or set revocation to soft',
    ],
    ['soft', 'unknown', 'accepted'],
    ['hard', 'unnamed', 'accepted'],
    ['hard', 'good', 'accepted'],
    ['off', 'revoked', 'accepted'],
  ] as const)('%s, %s', (mode, state, verdict) => {
    expect(judged(request(whole(), [device], report(mode, state)))).toBe(verdict)
  })

  test('of an intermediate refuses as well', () => {
    const revocation: RevocationReport = {
      mode: 'soft',
      statuses: [{ certificate: intermediate.certificate, state: 'revoked', detail: 'CRL of c.example' }],
    }
    expect(judged(request(whole(), [device], { revocation }))).toBe(
      'revoked: "CN=Middle" is revoked (CRL of c.example): give the device a new certificate',
    )
  })

  test('that was asked of other certificates is not known', () => {
    const revocation = { mode: 'hard', statuses: [] } as const
    expect(judged(request(whole(), [device], { revocation }))).toMatch(
      /^revocation-unknown: .*nobody was asked/,
    )
  })

  test('that is not known or not named is noted when soft', () => {
    expect(judgeInboundChain(request(whole(), [device], report('soft', 'unknown')))).toMatchObject({
      notes: [
        'whether "CN=site-1,O=Contoso" is revoked is not known (OCSP of o.example): it is accepted, as the setting is soft',
        'whether "CN=Middle" is revoked is not known (OCSP of o.example): it is accepted, as the setting is soft',
      ],
    })
    expect(judgeInboundChain(request(whole(), [device], report('soft', 'unnamed')))).toMatchObject({
      notes: [
        '"CN=site-1,O=Contoso" names no place to ask whether it is revoked',
        '"CN=Middle" names no place to ask whether it is revoked',
      ],
    })
  })
})
