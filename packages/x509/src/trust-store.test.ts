import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { signCertificate } from './certificate-signing.ts'
import { describeCertificate } from './description.ts'
import { issueClientCertificate, issueIntermediate, issueRoot } from './issuing.ts'
import { limits } from './limits.ts'
import { formatPem } from './pem.ts'
import {
  codeOf,
  createPki,
  day,
  extension,
  named,
  now,
  openssl,
  type Pki,
  signRaw,
  validity,
  withOpenssl,
} from './pki.suite.ts'
import { createTrustStore, type TrustStore, type VerifyRequest } from './trust-store.ts'
import type { Validation } from './validation.ts'

let pki: Pki
let store: TrustStore

beforeAll(async () => {
  pki = await createPki()
  store = createTrustStore({ roots: [pki.root.certificate] })
})

function request(overrides: Partial<VerifyRequest> = {}): VerifyRequest {
  const leaf = pki.client.certificate
  return { leaf, intermediates: [pki.intermediate.certificate], time: now, purpose: 'client', ...overrides }
}

function reasonOf(validation: Validation): string {
  return validation.valid ? 'valid' : validation.reason
}

describe('a chain that holds', () => {
  test('comes back leaf first, anchor last', () => {
    const { root, intermediate, client } = pki
    const chain = [client, intermediate, root].map(issued => issued.certificate)
    expect(store.verify(request())).toEqual({
      valid: true,
      chain,
      leaf: describeCertificate(client.certificate),
    })
  })

  test('needs no intermediate from the peer when one was uploaded', () => {
    const intermediates = [pki.intermediate.certificate]
    const uploaded = createTrustStore({ roots: [pki.root.certificate], intermediates })
    expect(reasonOf(uploaded.verify(request({ intermediates: [] })))).toBe('valid')
  })

  test('may come with the root, in any order, and twice', () => {
    const { root, intermediate } = pki
    const intermediates = [root, intermediate, root, intermediate].map(issued => issued.certificate)
    expect(reasonOf(store.verify(request({ intermediates })))).toBe('valid')
  })

  test('is accepted by openssl verify as well', () => {
    const files = {
      'root.pem': formatPem(pki.root.certificate),
      'chain.pem': formatPem(pki.intermediate.certificate),
      'leaf.pem': formatPem(pki.client.certificate),
    }
    const options = ['-attime', String(now), '-purpose', 'sslclient', '-x509_strict', '-auth_level', '2']
    const args = ['verify', ...options, '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem']
    expect(openssl(args, files)).toBe('leaf.pem: OK\n')
  })

  test('passes the strict flag, since what is issued here keeps all of RFC 5280', () => {
    const strict = createTrustStore({ roots: [pki.root.certificate], strict: true })
    expect(reasonOf(strict.verify(request()))).toBe('valid')
  })

  test.each(['rsa-2048', 'ecdsa-p384'] as const)('may use %s keys', async key => {
    const root = await issueRoot(named('R', { key }))
    const client = await issueClientCertificate(root, named('c', { key: { privateKey: root.privateKey } }))
    const verdict = createTrustStore({ roots: [root.certificate] }).verify(
      request({ leaf: client.certificate, intermediates: [] }),
    )
    expect(reasonOf(verdict)).toBe('valid')
  })

  test('of a server is accepted for a server', () => {
    const verdict = store.verify(request({ leaf: pki.server.certificate, purpose: 'server' }))
    expect(reasonOf(verdict)).toBe('valid')
  })
})

describe('a certificate that was accepted before', () => {
  test('is accepted again, with the same words', () => {
    const first = store.verify(request())
    expect(first.valid).toBe(true)
    expect(store.verify(request())).toEqual(first)
  })

  test('is judged anew by time, purpose and what comes with it', () => {
    expect(store.verify(request()).valid).toBe(true)
    expect(reasonOf(store.verify(request({ time: now + 366 * day })))).toBe('expired')
    expect(reasonOf(store.verify(request({ purpose: 'server' })))).toBe('purpose')
    expect(store.verify(request({ intermediates: [] })).valid).toBe(false)
  })

  test('is known by all of its bytes', () => {
    expect(store.verify(request()).valid).toBe(true)
    const forged = pki.client.certificate.slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    expect(reasonOf(store.verify(request({ leaf: forged })))).toBe('signature')
  })

  test('is accepted still when many others came since', async () => {
    const { intermediate, client } = pki
    const key = { privateKey: client.privateKey }
    const others = await Promise.all(
      Array.from({ length: 260 }, (_, i) =>
        issueClientCertificate(intermediate, named(`other ${i}`, { key })),
      ),
    )
    for (const { certificate } of others)
      expect(store.verify(request({ leaf: certificate })).valid).toBe(true)
    expect(store.verify(request()).valid).toBe(true)
  }, 20_000)
})

describe('trust', () => {
  test('is refused to another root of the same name', async () => {
    const impostor = await issueRoot(named('Test Root'))
    const verdict = createTrustStore({ roots: [impostor.certificate] }).verify(request())
    expect(verdict).toMatchObject({ valid: false, reason: 'untrusted-root', depth: 1 })
  })

  test('is refused without any root', () => {
    expect(reasonOf(createTrustStore({ roots: [] }).verify(request()))).toBe('untrusted-root')
  })

  test('is refused when the peer sends its own root along', async () => {
    const root = await issueRoot(named('Stranger'))
    const leaf = (await issueClientCertificate(root, named('mallory'))).certificate
    const verdict = store.verify(request({ leaf, intermediates: [root.certificate] }))
    expect(verdict).toMatchObject({ reason: 'untrusted-root', subject: 'CN=Stranger' })
  })

  test('is refused without the intermediate, and names the leaf', () => {
    const verdict = store.verify(request({ intermediates: [] }))
    expect(verdict).toMatchObject({ reason: 'untrusted-root', depth: 0, subject: 'CN=alice' })
  })

  test('is given to a self-signed certificate that was itself uploaded as a root', async () => {
    const usages = [extension.leafUsage(), extension.clientAuth()]
    const { certificate } = await signRaw('own root', usages)
    const verdict = createTrustStore({ roots: [certificate] }).verify(request({ leaf: certificate }))
    expect(verdict).toMatchObject({ valid: true, chain: [certificate] })
  })

  test('stops at an intermediate only when partial chains are allowed', () => {
    const roots = [pki.intermediate.certificate]
    expect(reasonOf(createTrustStore({ roots }).verify(request()))).toBe('untrusted-root')
    expect(reasonOf(createTrustStore({ roots, partialChain: true }).verify(request()))).toBe('valid')
  })
})

describe('time', () => {
  test('after the end is expired', () => {
    expect(reasonOf(store.verify(request({ time: now + 366 * day })))).toBe('expired')
  })

  test('before the start is not yet valid', () => {
    expect(reasonOf(store.verify(request({ time: now - 2 * day })))).toBe('not-yet-valid')
  })

  test('counts for the leaf alone too', async () => {
    const shortLived = named('brief', { notBefore: now - 100, notAfter: now - 10 })
    const leaf = (await issueClientCertificate(pki.intermediate, shortLived)).certificate
    expect(store.verify(request({ leaf }))).toMatchObject({
      reason: 'expired',
      depth: 0,
      subject: 'CN=brief',
    })
  })

  test('that is no whole number is a defect of the caller', () => {
    expect(codeOf(() => store.verify(request({ time: 1.5 })))).toBe('ERR_X509_ARGUMENT')
    expect(codeOf(() => store.verify(request({ time: Number.NaN })))).toBe('ERR_X509_ARGUMENT')
  })
})

describe('purpose', () => {
  test('server is not client', () => {
    const verdict = store.verify(request({ leaf: pki.server.certificate }))
    expect(verdict).toMatchObject({ valid: false, reason: 'purpose', depth: 0 })
    expect(verdict).toHaveProperty('detail', expect.stringContaining('clientAuth'))
  })

  test('client is not server', () => {
    const verdict = store.verify(request({ purpose: 'server' }))
    expect(verdict).toHaveProperty('detail', expect.stringContaining('serverAuth'))
  })

  test('client needs an extended key usage, unless that is waived', async () => {
    const leaf = (await signRaw('plain', [extension.leafUsage()], pki.intermediate)).certificate
    expect(store.verify(request({ leaf }))).toMatchObject({ reason: 'purpose', subject: 'CN=plain' })
    expect(reasonOf(store.verify(request({ leaf, requireExtendedKeyUsage: false })))).toBe('valid')
    expect(reasonOf(store.verify(request({ leaf, purpose: 'server' })))).toBe('valid')
  })

  test('anyExtendedKeyUsage is not clientAuth', async () => {
    const leaf = (await signRaw('any', [extension.leafUsage(), extension.anyUsage()], pki.intermediate))
      .certificate
    expect(reasonOf(store.verify(request({ leaf })))).toBe('purpose')
  })

  test('a user certificate cannot issue another', async () => {
    const forged = await signRaw('forged', [extension.leafUsage(), extension.clientAuth()], {
      certificate: pki.intermediate.certificate,
      privateKey: pki.client.privateKey,
    })
    expect(reasonOf(store.verify(request({ leaf: forged.certificate })))).toBe('signature')
  })

  test('an issuer whose key usage alone says so is no authority', async () => {
    const half = await signRaw('half an authority', [extension.authorityUsage()], pki.root)
    const leaf = (await signRaw('victim', [extension.leafUsage(), extension.clientAuth()], half)).certificate
    const verdict = store.verify(request({ leaf, intermediates: [half.certificate] }))
    expect(verdict).toMatchObject({ reason: 'purpose', depth: 1, subject: 'CN=half an authority' })
  })

  test('an anchor without basicConstraints is accepted, as Azure accepts it', async () => {
    const root = await signRaw('old style root', [extension.authorityUsage()])
    const leaf = (await issueClientCertificate(root, named('c'))).certificate
    const roots = [root.certificate]
    const verdictOf = (strict: boolean) =>
      reasonOf(createTrustStore({ roots, strict }).verify(request({ leaf, intermediates: [] })))
    expect(verdictOf(false)).toBe('valid')
    expect(verdictOf(true)).toBe('purpose')
  })
})

describe('keys', () => {
  const leafWith = async (privateKey: string) =>
    (await issueClientCertificate(pki.intermediate, named('weak', { key: { privateKey } }))).certificate

  const pemOf = (pair: { privateKey: KeyObject }) =>
    pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

  test('of RSA 1024 are too small', async () => {
    const privateKey = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))
    const verdict = store.verify(request({ leaf: await leafWith(privateKey) }))
    expect(verdict).toMatchObject({ reason: 'key-too-small', depth: 0, subject: 'CN=weak' })
    expect(verdict).toHaveProperty('detail', 'the RSA key has 1024 bits, 2048 are required')
  })

  test('of RSA with exponent 3 are refused', async () => {
    const options = { modulusLength: 2048, publicExponent: 3 }
    const privateKey = pemOf(generateKeyPairSync('rsa', options))
    const verdict = store.verify(request({ leaf: await leafWith(privateKey) }))
    expect(verdict).toMatchObject({ reason: 'key-too-small' })
    expect(verdict).toHaveProperty('detail', expect.stringContaining('65537'))
  })

  test('of P-224 are too small', async () => {
    const privateKey = pemOf(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }))
    expect(reasonOf(store.verify(request({ leaf: await leafWith(privateKey) })))).toBe('key-too-small')
  })

  test('of a curve outside the list are refused', async () => {
    const privateKey = pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))
    const verdict = store.verify(request({ leaf: await leafWith(privateKey) }))
    expect(verdict).toMatchObject({ reason: 'other' })
    expect(verdict).toHaveProperty('detail', expect.stringContaining('secp256k1'))
  })

  test('that spell out their curve are refused', async () => {
    const options = { namedCurve: 'P-256', paramEncoding: 'explicit' } as const
    const privateKey = pemOf(generateKeyPairSync('ec', options))
    expect(reasonOf(store.verify(request({ leaf: await leafWith(privateKey) })))).toBe('malformed')
  })

  test('of Ed25519 are accepted, of DSA not', async () => {
    const privateKey = pemOf(generateKeyPairSync('ed25519'))
    expect(reasonOf(store.verify(request({ leaf: await leafWith(privateKey) })))).toBe('valid')
    const dsa = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
    expect(reasonOf(store.verify(request({ leaf: await leafWith(pemOf(dsa)) })))).toBe('other')
  })

  test('that cannot be read are malformed', () => {
    const leaf = Uint8Array.from(pki.client.certificate)
    // The form octet of the EC point (SEC 1 §2.3.3), after the header of its BIT STRING.
    const at = Buffer.from(leaf).indexOf(Buffer.from('03420004', 'hex')) + 3
    leaf[at] = 0x09
    expect(store.verify(request({ leaf }))).toMatchObject({ reason: 'malformed', depth: 0 })
  })

  test('of an authority count as well', async () => {
    const privateKey = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))
    const root = await issueRoot(named('Small Root', { key: { privateKey } }))
    const leaf = (await issueClientCertificate(root, named('c'))).certificate
    const verdict = createTrustStore({ roots: [root.certificate] }).verify(
      request({ leaf, intermediates: [] }),
    )
    expect(verdict).toMatchObject({ reason: 'key-too-small', depth: 1, subject: 'CN=Small Root' })
  })
})

describe('signatures', () => {
  test('with one changed bit do not verify', () => {
    const leaf = Uint8Array.from(pki.client.certificate)
    // Inside the subject's common name: the certificate still parses.
    const at = Buffer.from(leaf).indexOf('alice')
    leaf[at] = 0x62
    expect(store.verify(request({ leaf }))).toMatchObject({ reason: 'signature', subject: 'CN=blice' })
  })

  test('over SHA-1 are too weak', () => {
    const files = {
      'ca.pem': formatPem(pki.root.certificate),
      'ca.key': pki.root.privateKey,
      ext: 'extendedKeyUsage=clientAuth',
    }
    const leaf = withOpenssl(files, (run, read) => {
      run([
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'k',
        '-subj',
        '/CN=old',
        '-out',
        'csr',
      ])
      const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile', 'ext', '-days', '3650']
      run(['x509', '-req', '-in', 'csr', ...ca, '-sha1', '-outform', 'der', '-out', 'leaf'])
      return read('leaf')
    })
    expect(store.verify(request({ leaf, intermediates: [] }))).toMatchObject({
      reason: 'signature',
      depth: 0,
    })
  })
})

describe('constraints', () => {
  test('on the path length hold', async () => {
    const top = await issueRoot({ ...named('Top'), pathLength: 0 })
    const below = await issueIntermediate(top, named('Below'))
    const leaf = (await issueClientCertificate(below, named('deep'))).certificate
    const verdict = createTrustStore({ roots: [top.certificate] }).verify(
      request({ leaf, intermediates: [below.certificate] }),
    )
    expect(verdict).toMatchObject({ reason: 'path-length', subject: 'CN=Top' })
  })

  test('on names hold', async () => {
    const scoped = [extension.authority(), extension.authorityUsage(), extension.permittedDns('example.com')]
    const root = await signRaw('Scoped Root', scoped)
    const scopedStore = createTrustStore({ roots: [root.certificate] })
    const verdictOn = async (host: string) => {
      const extensions = [extension.leafUsage(), extension.clientAuth(), extension.dns(host)]
      const leaf = (await signRaw('host', extensions, root)).certificate
      return reasonOf(scopedStore.verify(request({ leaf, intermediates: [] })))
    }
    expect(await verdictOn('vpn.example.com')).toBe('valid')
    expect(await verdictOn('vpn.example.org')).toBe('name-constraints')
  })

  test('that are critical and unknown refuse', async () => {
    const extensions = [extension.leafUsage(), extension.clientAuth(), extension.unknownCritical()]
    const leaf = (await signRaw('odd', extensions, pki.intermediate)).certificate
    expect(store.verify(request({ leaf }))).toMatchObject({ reason: 'critical-extension', subject: 'CN=odd' })
  })
})

describe('limits', () => {
  test('eleven certificates are refused before any is parsed', () => {
    const intermediates = Array.from({ length: limits.peerCertificates }, () => new Uint8Array([1]))
    expect(store.verify(request({ intermediates }))).toMatchObject({ reason: 'chain-too-long' })
  })

  test('ten certificates are looked at', () => {
    const { intermediate } = pki
    const intermediates = Array.from({ length: limits.peerCertificates - 1 }, () => intermediate.certificate)
    expect(reasonOf(store.verify(request({ intermediates })))).toBe('valid')
  })

  test('a chain of more authorities than the limit is refused', async () => {
    const chainOf = async (length: number) => {
      const root = await issueRoot(named('Root 0'))
      const authorities = [root]
      for (let depth = 1; depth <= length; depth++) {
        const options = { ...named(`CA ${depth}`), pathLength: 20 - depth }
        authorities.push(await issueIntermediate(authorities.at(-1)!, options))
      }
      const leaf = (await issueClientCertificate(authorities.at(-1)!, named('leaf'))).certificate
      const intermediates = authorities.slice(1).map(issued => issued.certificate)
      return reasonOf(
        createTrustStore({ roots: [root.certificate] }).verify(request({ leaf, intermediates })),
      )
    }
    expect(await chainOf(limits.chainIntermediates)).toBe('valid')
    expect(await chainOf(limits.chainIntermediates + 1)).toBe('chain-too-long')
  })

  test('a certificate above the size limit is not parsed', () => {
    const leaf = new Uint8Array(limits.certificateBytes + 1)
    expect(store.verify(request({ leaf }))).toMatchObject({ reason: 'malformed', depth: 0 })
  })

  test('of the store are errors that name the element', async () => {
    const certificate = pki.root.certificate
    const cut = certificate.subarray(0, 100)
    const tooMany = Array.from({ length: limits.storeCertificates + 1 }, () => certificate)
    expect(codeOf(() => createTrustStore({ roots: tooMany }))).toBe('ERR_X509_TOO_MANY')
    expect(codeOf(() => createTrustStore({ roots: [new Uint8Array(20_000)] }))).toBe('ERR_X509_TOO_LARGE')
    expect(() => createTrustStore({ roots: [certificate, cut] })).toThrow(/root 2 cannot be read/)
    expect(() => createTrustStore({ roots: [], intermediates: [cut] })).toThrow(/intermediate 1 cannot/)
    expect(() => createTrustStore({ roots: [], crls: [cut] })).toThrow(/CRL 1 cannot/)
  })

  test('an RSA key that is costly to verify with is refused first', async () => {
    const modulus = (bits: number) => Buffer.alloc(bits / 8, 0xff).toString('base64url')
    const leafOf = async (n: string, e: string) => {
      const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e } })
      const extensions = [extension.leafUsage(), extension.clientAuth()]
      return signCertificate(
        { subject: { commonName: 'big' }, key, extensions, ...validity },
        pki.intermediate,
      )
    }
    const small = await leafOf(modulus(2048), 'AQAB')
    const longModulus = await leafOf(modulus(8200), 'AQAB')
    const longExponent = await leafOf(modulus(2048), modulus(72))
    expect(reasonOf(store.verify(request({ leaf: small })))).toBe('valid')
    expect(store.verify(request({ leaf: longModulus }))).toMatchObject({ reason: 'other', depth: 0 })
    expect(store.verify(request({ leaf: longExponent }))).toMatchObject({ reason: 'other', depth: 0 })
    const intermediates = [pki.intermediate.certificate, longModulus]
    expect(store.verify(request({ intermediates }))).toMatchObject({ reason: 'other', depth: 2 })
  })
})
