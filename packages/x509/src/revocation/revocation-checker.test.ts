import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { issueCrl } from '../crl.ts'
import { describeCertificate } from '../description.ts'
import type { IssuedCertificate } from '../issuing.ts'
import { day, extension } from '../pki.suite.ts'
import { authority, both, present } from '../site-certificate/site-pki.suite.ts'
import { issueNow, namedCrl, namedResponder, opensslAnswer, startResponder } from './ocsp.suite.ts'
import { createRevocationChecker } from './revocation-checker.ts'
import { createRevocationFetch, type RevocationFetch } from './revocation-fetch.ts'

const leafParts = [extension.leafUsage(), both]
const local = createRevocationFetch({ allowLoopback: true, timeoutMilliseconds: 2_000 })
let root: IssuedCertificate
let intermediate: IssuedCertificate
const open: Server[] = []

beforeAll(async () => {
  root = await issueNow('CN=Root', { extensions: authority })
  intermediate = await issueNow('CN=Middle', { issuer: root, extensions: authority })
})

afterEach(async () => {
  await Promise.all(open.splice(0).map(server => new Promise(done => server.close(done))))
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  open.push(server)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const device = (...named: Parameters<typeof leafParts.concat>) =>
  issueNow('CN=site-1', { issuer: intermediate, extensions: leafParts.concat(...named) })
const chainOf = (...issued: IssuedCertificate[]) => issued.map(({ certificate }) => certificate)
const serialOf = ({ certificate }: IssuedCertificate) => describeCertificate(certificate).serialNumber
const times = { thisUpdate: present - 60, nextUpdate: present + day }

async function states(
  leaf: IssuedCertificate,
  fetch: RevocationFetch = local,
  unixSeconds = present,
): Promise<string[]> {
  const checker = createRevocationChecker({ mode: 'hard', fetch })
  const report = await checker.check({ chain: chainOf(leaf, intermediate, root), unixSeconds })
  return report.statuses.map(({ state, detail }) => `${state}: ${detail.replace(/:\d{4,5}\b/g, '')}`)
}

const UNNAMED = 'unnamed: it names no address'

describe('a CRL over http', () => {
  test.each([
    ['good', false],
    ['revoked', true],
  ] as const)('says %s', async (state, isRevoked) => {
    let crl = new Uint8Array()
    const uri = await serve((_, answer) => answer.end(crl))
    const leaf = await device(namedCrl(`${uri}/list.crl`))
    const revokedSerials = isRevoked ? [serialOf(leaf)] : []
    crl = new Uint8Array(await issueCrl(intermediate, { revokedSerials, ...times }))
    expect(await states(leaf)).toEqual([`${state}: CRL of 127.0.0.1`, UNNAMED])
  })

  test('of another issuer, out of date, damaged or too large says nothing', async () => {
    const damaged = new Uint8Array(await issueCrl(intermediate, { revokedSerials: [], ...times }))
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    const answers = [
      await issueCrl(root, { revokedSerials: [], ...times }),
      await issueCrl(intermediate, {
        revokedSerials: [],
        thisUpdate: present - day,
        nextUpdate: present - 60,
      }),
      damaged,
      new TextEncoder().encode('<html>'),
      new Uint8Array(1_048_577),
    ]
    let next = 0
    const uri = await serve((_, answer) => answer.end(answers[next++]))
    const leaf = await device(namedCrl(`${uri}/list.crl`))
    const said: string[] = []
    for (const _ of answers) said.push((await states(leaf))[0] ?? '')
    expect(said).toEqual([
      'unknown: 127.0.0.1: unable to get certificate CRL',
      expect.stringMatching(/^unknown: 127.0.0.1: its answer counted until /),
      'unknown: 127.0.0.1: CRL signature failure',
      'unknown: 127.0.0.1: its answer is not one CRL in DER',
      'unknown: 127.0.0.1: its answer is larger than 1048576 bytes',
    ])
  })

  test('is asked for of an intermediate too', async () => {
    const uri = await serve((_, answer) => answer.end(crl))
    const middle = await issueNow('CN=Listed', { issuer: root, extensions: [...authority, namedCrl(uri)] })
    const crl = await issueCrl(root, { revokedSerials: [serialOf(middle)], ...times })
    const leaf = await issueNow('CN=site-1', { issuer: middle })
    const checker = createRevocationChecker({ mode: 'soft', fetch: local })
    const report = await checker.check({ chain: chainOf(leaf, middle, root), unixSeconds: present })
    expect(report.statuses.map(({ state }) => state)).toEqual(['unnamed', 'revoked'])
  })
})

describe('OCSP', () => {
  test.each(['good', 'revoked'] as const)('of a running `openssl ocsp` says %s', async status => {
    const placeholder = await device(namedResponder('http://127.0.0.1:9'))
    const responder = await startResponder({ issuer: intermediate, certificate: placeholder, status })
    try {
      const redirected: RevocationFetch = question => local({ ...question, uri: responder.uri })
      expect((await states(placeholder, redirected))[0]).toBe(`${status}: OCSP of 127.0.0.1:9`)
    } finally {
      await responder.stop()
    }
  })

  test('comes first; the list counts when it says nothing', async () => {
    const asked: string[] = []
    const leaf = await device(namedResponder('http://o.example/a'), namedCrl('http://c.example/b'))
    const crl = await issueCrl(intermediate, { revokedSerials: [serialOf(leaf)], ...times })
    const answer =
      (status: 'good' | 'absent'): RevocationFetch =>
      async ({ uri, ocspRequest }) => {
        asked.push(uri)
        return ocspRequest
          ? opensslAnswer(ocspRequest, { issuer: intermediate, certificate: leaf, status })
          : crl
      }
    expect((await states(leaf, answer('good')))[0]).toBe('good: OCSP of o.example')
    expect((await states(leaf, answer('absent')))[0]).toBe('revoked: CRL of c.example')
    expect(asked).toEqual(['http://o.example/a', 'http://o.example/a', 'http://c.example/b'])
  })
})

describe('what is asked', () => {
  test('is nothing when off', async () => {
    const leaf = await device(namedCrl('http://c.example'))
    const fetch: RevocationFetch = () => Promise.reject(new Error('asked'))
    const checker = createRevocationChecker({ mode: 'off', fetch })
    const report = await checker.check({ chain: chainOf(leaf, intermediate, root), unixSeconds: present })
    expect(report).toEqual({ mode: 'off', statuses: [] })
  })

  test('is not LDAP, and no more than three', async () => {
    const asked: string[] = []
    const fetch: RevocationFetch = ({ uri }) => {
      asked.push(uri)
      return Promise.reject(new Error('nobody there'))
    }
    const web = [1, 2, 3, 4].map(n => `http://c${n}.example`)
    expect(await states(await device(namedCrl('ldap://l.example')), fetch)).toEqual([UNNAMED, UNNAMED])
    expect((await states(await device(namedCrl('ldap://l.example', ...web)), fetch))[0]).toBe(
      'unknown: c1.example: nobody there; c2.example: nobody there; c3.example: nobody there',
    )
    expect(asked).toEqual(['http://c1.example', 'http://c2.example', 'http://c3.example'])
  })

  test('is remembered while it counts, and by all who ask at once', async () => {
    let asked = 0
    const crl = await issueCrl(intermediate, { revokedSerials: [], ...times })
    const fetch: RevocationFetch = () => {
      asked++
      return Promise.resolve(crl)
    }
    const chain = chainOf(await device(namedCrl('http://c.example')), intermediate, root)
    const checker = createRevocationChecker({ mode: 'hard', fetch })
    const at = (unixSeconds: number) => checker.check({ chain, unixSeconds })
    await Promise.all([at(present), at(present), at(present)])
    await at(present + day - 1)
    expect(asked).toBe(1)
    const [status] = (await at(present + day + 1)).statuses
    expect([asked, status?.state]).toEqual([2, 'unknown'])
  })

  test('is asked again a minute after nobody could say', async () => {
    let asked = 0
    const fetch: RevocationFetch = () => {
      asked++
      return Promise.reject(new Error('nobody there'))
    }
    const chain = chainOf(await device(namedCrl('http://c.example')), intermediate, root)
    const checker = createRevocationChecker({ mode: 'hard', fetch })
    for (const later of [0, 59, 60, 61, -3600]) await checker.check({ chain, unixSeconds: present + later })
    expect(asked).toBe(3)
  })

  test('must be of certificates', async () => {
    const checker = createRevocationChecker({ mode: 'hard', fetch: local })
    const chain = [new Uint8Array(4), root.certificate]
    await expect(checker.check({ chain, unixSeconds: present })).rejects.toMatchObject({
      code: 'ERR_X509_MALFORMED',
    })
  })
})

describe('the fetch', () => {
  const get = (uri: string, fetch = createRevocationFetch()) => fetch({ uri, maximumBytes: 100 })

  test.each([
    ['http://127.0.0.1/', 'it leads to an address that is never asked'],
    ['http://2130706433/', 'it leads to an address that is never asked'],
    ['http://localhost/', 'it leads to an address that is never asked'],
    ['http://[::1]/', 'it leads to an address that is never asked'],
    ['http://[::ffff:127.0.0.1]/', 'it leads to an address that is never asked'],
    ['http://169.254.169.254/', 'it leads to an address that is never asked'],
    ['http://[fe80::1]/', 'it leads to an address that is never asked'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'it leads to an address that is never asked'],
    ['http://168.63.129.16/', 'it leads to an address that is never asked'],
    ['http://0.0.0.0/', 'it leads to an address that is never asked'],
    ['http://255.255.255.255/', 'it leads to an address that is never asked'],
    ['file:///etc/passwd', 'it is neither http nor https'],
    ['http://user:secret@c.example/', 'it carries credentials'],
    ['not a URL', 'it is no URL'],
    [`http://c.example/${'a'.repeat(2_100)}`, 'it is no URL'],
  ])('does not ask %s', async (uri, why) => {
    await expect(get(uri)).rejects.toThrow(why)
  })

  test('does not ask a link-local address for tests either', async () => {
    await expect(get('http://169.254.169.254/', local)).rejects.toThrow('never asked')
  })

  test('follows no redirect, takes no error and no more than it may', async () => {
    const uri = await serve((request, answer) => {
      if (request.url === '/redirect') answer.writeHead(302, { location: '/small' }).end()
      else if (request.url === '/absent') answer.writeHead(404).end()
      else answer.end(request.url === '/small' ? 'small' : 'x'.repeat(101))
    })
    await expect(get(`${uri}/redirect`, local)).rejects.toThrow('it answers HTTP 302')
    await expect(get(`${uri}/absent`, local)).rejects.toThrow('it answers HTTP 404')
    await expect(get(`${uri}/large`, local)).rejects.toThrow('its answer is larger than 100 bytes')
    expect(new TextDecoder().decode(await get(`${uri}/small`, local))).toBe('small')
  })

  test('gives up on who does not answer, or never ends', async () => {
    const uri = await serve((request, answer) => {
      if (request.url === '/drip') answer.write('x')
    })
    const hasty = createRevocationFetch({ allowLoopback: true, timeoutMilliseconds: 50 })
    await expect(get(`${uri}/silent`, hasty)).rejects.toThrow('it does not answer in time')
    await expect(get(`${uri}/drip`, hasty)).rejects.toThrow('it does not answer in time')
  })
})
