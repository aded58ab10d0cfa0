import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddedClient, CertificateView, ChangedCertificate } from '@causeway/api-contract'
import {
  formatPem,
  generatePrivateKey,
  type IssuedCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
  readCertificates,
} from '@causeway/x509'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayIdentity } from '../configuration.ts'
import { PresentGateway } from '../managed/index.ts'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import type { Gateway } from '../runtime/gateway.ts'
import { type CommandHandler, createCommandHandler } from './command-handler.ts'

const HOST = 'vpn.example.org'
const DAY = 86_400
const VALIDITY = { notBefore: NOW - DAY, notAfter: NOW + 400 * DAY }

let root: IssuedCertificate
let files: { readonly chain: string; readonly key: string }

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Public Root', key: 'ecdsa-p256', ...VALIDITY })
  const issuer = await issueIntermediate(root, { commonName: 'Public', key: 'ecdsa-p256', ...VALIDITY })
  const key = await generatePrivateKey('rsa-2048')
  const options = { commonName: HOST, dnsNames: [HOST], key: { privateKey: key }, ...VALIDITY }
  const { certificate } = await issueServerCertificate(issuer, options)
  const chain = [certificate, issuer.certificate, root.certificate].map(der => formatPem(der)).join('')
  files = { chain, key }
})

let installation: ScratchInstallation
let prepared: PreparedGateway
/** What the gateway was told to show, in order. */
let shown: GatewayIdentity[]
let refusal: Error | undefined
let handler: CommandHandler

beforeEach(async () => {
  installation = await scratchInstallation()
  prepared = await preparedGateway(installation, { hostNames: [HOST, '10.9.0.5'] }, INTERFACES)
  shown = []
  refusal = undefined
  handler = handlerOf(installation)
})

afterEach(() => installation.remove())

function handlerOf(on: ScratchInstallation): CommandHandler {
  const gateway: Gateway = {
    listeners: () => [],
    sessions: () => [],
    disconnect: () => false,
    apply: () => Promise.resolve(),
    reset: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    connections: () => [],
    resetConnection: () => false,
    readCertificatesBy: () => undefined,
    certificatesChanged: () => undefined,
    replaceIdentity(identity) {
      if (refusal) return Promise.reject(refusal)
      shown.push(identity)
      return Promise.resolve()
    },
  }
  const present = new PresentGateway({ installation: on, prepared, gateway })
  return createCommandHandler({ present, version: '1' })
}

const set = () => handler.answer({ method: 'certificate.set', params: files }) as Promise<ChangedCertificate>
const show = () => handler.answer({ method: 'certificate.show', params: {} }) as Promise<CertificateView>
const reset = () => handler.answer({ method: 'certificate.reset', params: {} }) as Promise<ChangedCertificate>

describe('certificate set', () => {
  it('shows the certificate in the running gateway, with the OpenVPN keys of before', async () => {
    expect(await show()).toMatchObject({ source: 'own', uncoveredHosts: [] })
    expect(await set()).toMatchObject({
      source: 'given',
      subject: `CN=${HOST}`,
      issuer: 'CN=Public',
      names: [HOST],
      uncoveredHosts: ['10.9.0.5'],
      changed: true,
      live: true,
    })
    const { tlsAuthKey, tlsCryptKey, tlsCryptV2ServerKey } = prepared.identity
    expect(shown).toMatchObject([{ serverName: HOST, tlsAuthKey, tlsCryptKey, tlsCryptV2ServerKey }])
    expect(readCertificates(shown[0]?.certificateChain ?? '')).toEqual(
      readCertificates(files.chain).slice(0, 2),
    )
    expect(await set()).toMatchObject({ changed: false })
  })

  it('holds from start to start, until it is reset', async () => {
    await set()
    installation = await installation.reopen()
    expect((await preparedGateway(installation, {}, INTERFACES)).identity).toEqual(shown[0])
    prepared = await preparedGateway(installation, {}, INTERFACES)
    handler = handlerOf(installation)
    expect(await reset()).toMatchObject({ source: 'own', changed: true, live: true })
    expect(await reset()).toMatchObject({ changed: false })
    const own = await preparedGateway(installation, {}, INTERFACES)
    expect(own.server.source).toBe('own')
    expect(own.identity).toEqual(shown[1])
  })

  it('takes nothing that the gateway cannot show, and stores nothing of it', async () => {
    refusal = Object.assign(new Error('OpenSSL does not take it'), { code: 'ERR_TLS_SETTINGS' })
    await expect(set()).rejects.toThrow('OpenSSL does not take it')
    expect(await show()).toMatchObject({ source: 'own' })
    expect(await installation.data.documents.read('certificates/given')).toBeUndefined()
  })

  it('shows the former one again when the disk refuses', async () => {
    const { documents } = installation.data
    const commit = documents.commit.bind(documents)
    const full = vi.spyOn(documents, 'commit').mockImplementation(changes => {
      const isOfKey = changes.some(change => change.type === 'put-secret')
      return isOfKey ? Promise.reject(new Error('disk full')) : commit(changes)
    })
    await expect(set()).rejects.toThrow('disk full')
    full.mockRestore()
    expect(shown.map(({ serverName }) => serverName)).toEqual([HOST, prepared.identity.serverName])
    expect(await show()).toMatchObject({ source: 'own' })
  })

  it('gives new clients its root to trust, and the own authority their certificates', async () => {
    await set()
    const request = { method: 'client.add', params: { name: 'anna', keyType: 'ecdsa-p256' } } as const
    const { directory } = (await handler.answer(request)) as AddedClient
    const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8')
    const ca = /<ca>\n([\s\S]*?)<\/ca>/.exec(await read('OpenVPN/vpnconfig.ovpn'))?.[1] ?? ''
    expect(readCertificates(ca)).toEqual([root.certificate])
    expect(readCertificates(await read('Sstpc/ca.pem'))).toEqual([root.certificate])
    expect(await read('OpenVPN/vpnconfig.ovpn')).toContain(`\nverify-x509-name '${HOST}' name\n`)
    const script = await read('Windows/VpnClientSetup.ps1')
    expect(script).not.toContain('NoCertRevocationCheck')
    const [, trusted] = /<TrustedRootCA>(.*)</.exec(script) ?? []
    const [, issuer] = /<IssuerHash>(.*)</.exec(script) ?? []
    expect(issuer).not.toBe(trusted)
  })
})

describe("the gateway's own certificate", () => {
  it('is renewed while the gateway runs, and not before', async () => {
    await handler.renewCertificate()
    expect(shown).toEqual([])
    const later = { ...installation, unixSeconds: () => NOW + 780 * DAY }
    handler = handlerOf(later)
    await handler.renewCertificate()
    expect(shown).toHaveLength(1)
    expect(await show()).toMatchObject({ source: 'own' })
    expect((await show()).expiresAt).toBeGreaterThan(NOW + 1_500 * DAY)
  })

  it('renews what RADIUS servers are shown, when that alone is over', async () => {
    const { documents } = installation.data
    const present = await documents.read('certificates/radius')
    await documents.write('certificates/radius', { pem: formatPem(root.certificate) }, present?.version ?? 0)
    await handler.renewCertificate()
    expect(shown.map(({ certificateChain }) => certificateChain)).toEqual([
      prepared.identity.certificateChain,
    ])
    expect(shown[0]?.radius?.privateKey).toBe(prepared.identity.radius?.privateKey)
    expect(shown[0]?.radius?.certificateChain).not.toBe(prepared.identity.radius?.certificateChain)
    await handler.renewCertificate()
    expect(shown).toHaveLength(1)
  })

  it('covers the host names of new settings at once', async () => {
    const document = { ...prepared.settings, hostNames: ['new.example.org'] }
    await handler.answer({ method: 'apply', params: { document } })
    expect(shown).toHaveLength(1)
    expect(await show()).toMatchObject({ uncoveredHosts: [] })
    expect((await show()).names).toContain('new.example.org')
  })
})
