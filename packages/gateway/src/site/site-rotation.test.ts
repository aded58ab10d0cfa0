import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryNetwork } from '@causeway/datapath'
import { describeCertificate, type IssuedCertificate, issueCrl, type RevocationFetch } from '@causeway/x509'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hoursAround, root } from '../testing/credentials.suite.ts'
import { byCertificate, siteCertificate, TestVault } from '../testing/site-certificates.suite.ts'
import {
  applyConnections,
  bothWays,
  connectionOf,
  EAST,
  onlyConnection,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import type { TestGateway } from '../testing/test-gateway.suite.ts'
import { pass, passUntil, realTime, testClock, virtualTime } from '../testing/virtual-time.suite.ts'
import type { SiteAuthentication } from './site-configuration.ts'
import type { SiteSurroundings } from './site-connections.ts'

const DAY_SECONDS = 86_400
const OUTBOUND = 'https://vault.test/certificates/site'

let westRoot: IssuedCertificate
let eastRoot: IssuedCertificate
let running: TestGateway[]
let vaults: { readonly west: TestVault; readonly east: TestVault }

beforeAll(async () => {
  const { notBefore, notAfter } = hoursAround(Date.now() / 1000)
  const long = { notBefore, notAfter: notAfter + 100 * DAY_SECONDS }
  westRoot = await root('West root', long)
  eastRoot = await root('East root', long)
})

beforeEach(async () => {
  running = []
  vaults = { west: new TestVault(), east: new TestVault() }
  vaults.west.put(OUTBOUND, 'v1', await siteCertificate(westRoot, 'site-west', 40))
  vaults.east.put(OUTBOUND, 'v1', await siteCertificate(eastRoot, 'site-east', 40))
  virtualTime()
})

afterEach(async () => {
  realTime()
  for (const gateway of running) await gateway.stop()
})

const isUp = (gateway: TestGateway): boolean => onlyConnection(gateway).status === 'Connected'
const sessionsOf = (gateway: TestGateway) => onlyConnection(gateway).tunnels[0]?.sessions ?? []

/** West begins; what the east takes may be changed. */
async function pair(
  changes: Partial<Extract<SiteAuthentication, { type: 'certificate' }>> = {},
  sites: Partial<SiteSurroundings> = {},
): Promise<readonly [TestGateway, TestGateway]> {
  const network = new MemoryNetwork()
  const east = { ...byCertificate(OUTBOUND, 'site-west', westRoot), ...changes }
  const waiting = connectionOf(EAST, WEST, { authentication: east, mode: 'ResponderOnly' })
  const second = await siteGateway(EAST, [waiting], { network, clock: testClock, sites })
  running.push(second)
  second.gateway.readCertificatesBy(vaults.east)
  await passUntil(() => onlyConnection(second).certificate !== undefined, 1_000)
  const authentication = byCertificate(OUTBOUND, 'site-east', eastRoot)
  const first = await siteGateway(WEST, [connectionOf(WEST, EAST, { authentication })], {
    network,
    clock: testClock,
  })
  running.push(first)
  first.gateway.readCertificatesBy(vaults.west)
  return [first, second]
}

test('a new version in the vault is taken over without a packet lost', async () => {
  const [west, east] = await pair()
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  await pass(30_000)
  const before = sessionsOf(west)[0]?.initiatorSpi
  vaults.west.put(OUTBOUND, 'v2', await siteCertificate(westRoot, 'site-west', 50))
  west.gateway.certificatesChanged()
  for (let second = 0; second < 30; second++) {
    await pass(1_000)
    expect(bothWays(west, east)).toBe(true)
  }
  expect(onlyConnection(west).certificate?.version).toBe('v2')
  expect(sessionsOf(west)).toHaveLength(1)
  expect(sessionsOf(west)[0]?.initiatorSpi).not.toBe(before)
  expect(west.messages().some(text => text.includes('is down'))).toBe(false)
})

test('a vault that takes the right away ends nothing that is up, and lets nothing begin', async () => {
  const [west, east] = await pair()
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  vaults.west.refuse(OUTBOUND, { reason: 'forbidden', message: 'The role is missing.', isTemporary: false })
  await pass(700_000)
  expect(bothWays(west, east)).toBe(true)
  west.gateway.resetConnection(WEST.connection)
  await pass(10_000)
  expect(onlyConnection(west)).toMatchObject({
    status: 'NotConnected',
    reason: { message: 'The role is missing.' },
  })
  vaults.west.put(OUTBOUND, 'v1', await siteCertificate(westRoot, 'site-west', 40))
  await passUntil(() => isUp(west) && isUp(east), 400_000)
})

test('the end of a certificate is warned of', async () => {
  vaults.west.put(OUTBOUND, 'v1', await siteCertificate(westRoot, 'site-west', 6))
  const [west, east] = await pair()
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  expect(west.messages()).toContain(
    'version v1 of the outbound certificate ends in less than 7 days: put a new one in its vault',
  )
})

describe('a peer whose certificate names a list of the revoked', () => {
  const CRL = 'http://crl.test/west.crl'

  /** With a CRL distribution point, which our own authority does not write. */
  function listedLeaf(): IssuedCertificate {
    const directory = mkdtempSync(join(tmpdir(), 'causeway-site-'))
    const run = (...args: readonly string[]) =>
      execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
    try {
      const { certificate, privateKey } = westRoot
      writeFileSync(join(directory, 'ca.der'), certificate)
      writeFileSync(join(directory, 'ca.key'), privateKey)
      const usages = 'extendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n'
      writeFileSync(join(directory, 'ext'), `${usages}crlDistributionPoints=URI:${CRL}\n`)
      run('x509', '-inform', 'der', '-in', 'ca.der', '-out', 'ca.pem')
      run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'csr', '-subj', '/CN=site-west')
      const signed = [
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '20',
        '-extfile',
        'ext',
      ]
      run('x509', '-req', '-in', 'csr', ...signed, '-sha256', '-outform', 'der', '-out', 'leaf')
      const read = (name: string) => readFileSync(join(directory, name))
      return { certificate: new Uint8Array(read('leaf')), privateKey: read('key').toString() }
    } finally {
      rmSync(directory, { recursive: true })
    }
  }

  async function listOf(...revoked: readonly IssuedCertificate[]): Promise<Uint8Array> {
    const revokedSerials = revoked.map(({ certificate }) => describeCertificate(certificate).serialNumber)
    const now = Math.floor(Date.now() / 1000)
    return issueCrl(westRoot, { revokedSerials, thisUpdate: now - 60, nextUpdate: now + 3_600 })
  }

  let leaf: IssuedCertificate

  beforeAll(() => {
    leaf = listedLeaf()
  })

  test('is refused once it is on the list', async () => {
    vaults.west.put(OUTBOUND, 'v1', leaf)
    const list = await listOf(leaf)
    const asked: string[] = []
    const revocationFetch: RevocationFetch = ({ uri }) => {
      asked.push(uri)
      return Promise.resolve(list)
    }
    const [west, east] = await pair({ revocation: 'soft' }, { revocationFetch })
    await passUntil(() => onlyConnection(west).status === 'NotConnected', 20_000)
    expect(asked).toEqual([CRL])
    expect(onlyConnection(east).notes.join()).toMatch(/"CN=site-west" is revoked/)
  })

  test.each([
    [
      'the connection now wants another peer',
      [
        connectionOf(EAST, WEST, {
          mode: 'ResponderOnly',
          authentication: byCertificate(OUTBOUND, 'site-north'),
        }),
      ],
    ],
    ['the connection is gone', []],
  ])('is not let in by what was judged when %s', async (_, connections) => {
    vaults.west.put(OUTBOUND, 'v1', leaf)
    const list = await listOf()
    let answer: (() => void) | undefined
    const revocationFetch: RevocationFetch = () =>
      new Promise(resolve => {
        answer = () => resolve(list)
      })
    const [west, east] = await pair({ revocation: 'soft' }, { revocationFetch })
    await passUntil(() => answer !== undefined, 5_000)
    await applyConnections(east, connections)
    answer?.()
    await passUntil(() => onlyConnection(west).status === 'NotConnected', 20_000)
    expect(onlyConnection(west).reason.message).toMatch(/AUTHENTICATION_FAILED/)
    expect(
      east.gateway.connections().flatMap(({ tunnels }) => tunnels.flatMap(({ sessions }) => sessions)),
    ).toEqual([])
  })

  test.each([
    ['hard', false],
    ['soft', true],
  ] as const)('that does not answer is judged by the setting: %s', async (revocation, isLetIn) => {
    vaults.west.put(OUTBOUND, 'v1', leaf)
    const revocationFetch: RevocationFetch = () => Promise.reject(new Error('nobody is there'))
    const [west, east] = await pair({ revocation }, { revocationFetch })
    await passUntil(() => isUp(west) || onlyConnection(west).status === 'NotConnected', 20_000)
    expect(isUp(west)).toBe(isLetIn)
    expect(onlyConnection(east).notes.join()).toMatch(/nobody is there/)
  })
})
