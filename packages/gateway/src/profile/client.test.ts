import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatewaySettings } from '@causeway/api-contract'
import { parseProfile } from '@causeway/openvpn'
import { createTrustStore, describeCertificate, parsePkcs12, readCertificates } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configurationOf, type PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { addClient } from './add-client.ts'
import { listClients } from './client-registry.ts'

let installation: ScratchInstallation
let gateway: PreparedGateway

const KEY = { keyType: 'ecdsa-p256' } as const

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await preparedGateway(installation, { hostNames: ['vpn.example.org', '10.9.0.5'] }, INTERFACES)
})

afterAll(() => installation.remove())

function withSettings(settings: GatewaySettings, vpnClientProtocols?: string[]): PreparedGateway {
  const { properties } = gateway.resource
  const clients = { ...properties.vpnClientConfiguration, ...(vpnClientProtocols && { vpnClientProtocols }) }
  const resource = { ...gateway.resource, properties: { ...properties, vpnClientConfiguration: clients } }
  const next = { ...gateway, resource, settings: { ...gateway.settings, ...settings } }
  return { ...next, configuration: configurationOf(next) }
}

async function added(name: string, from: PreparedGateway = gateway) {
  const client = await addClient(installation, from, { name, ...KEY })
  const read = (file: string): Promise<string> => readFile(join(client.directory, file), 'utf8')
  return { ...client, read }
}

const block = (profile: string, name: string): string =>
  new RegExp(`^<${name}>\\n([\\s\\S]*?)\\n</${name}>$`, 'm').exec(profile)?.[1] ?? ''

/** A profile's lines without the contents of its blocks. */
const skeleton = (profile: string): string => profile.replace(/^<(\S+)>\n[\s\S]*?\n<\/\1>$/gm, '<$1/>')

describe('addClient', () => {
  it("writes the profile in Azure's form", async () => {
    const { read } = await added('azure')
    const guid = gateway.resource.properties.resourceGuid
    expect(skeleton(await read('OpenVPN/vpnconfig.ovpn'))).toBe(`client
remote vpn.example.org 443
verify-x509-name '${guid}.vpn.causeway.internal' name
remote-cert-tls server

dev tun
proto tcp
resolv-retry infinite
nobind

auth SHA256
cipher AES-256-GCM
persist-key
persist-tun

tls-timeout 30
tls-version-min 1.2
key-direction 1

log openvpn.log
verb 3

# P2S CA root certificate
<ca/>

# Pre Shared Key
<tls-auth/>

# P2S client certificate
# Please fill this field with a PEM formatted client certificate
# Alternatively, configure 'cert PATH_TO_CLIENT_CERT' to use input from a PEM certificate file.
<cert/>

# P2S client certificate private key
# Please fill this field with a PEM formatted private key of the client certificate.
# Alternatively, configure 'key PATH_TO_CLIENT_KEY' to use input from a PEM key file.
<key/>
`)
  })

  it("writes a hardened profile: tls-crypt-v2, UDP before TCP, the policy's ciphers", async () => {
    const { read } = await added('hardened')
    const profile = await read('OpenVPN/vpnconfig-hardened.ovpn')
    expect(profile.match(/^remote .*$/gm)).toEqual([
      'remote vpn.example.org 443 udp',
      'remote 10.9.0.5 443 udp',
      'remote vpn.example.org 443 tcp',
      'remote 10.9.0.5 443 tcp',
    ])
    expect(profile).toContain('\ndata-ciphers AES-256-GCM:CHACHA20-POLY1305:AES-128-GCM\n')
    expect(profile).toContain('\ntls-ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256\n')
    expect(profile).toContain('\ntls-cipher TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384:')
    expect(block(profile, 'tls-crypt-v2')).toMatch(/^-----BEGIN OpenVPN tls-crypt-v2 client key-----\n/)
  })

  it('writes profiles that our own client reads', async () => {
    const { read } = await added('reader')
    const azure = parseProfile(await read('OpenVPN/vpnconfig.ovpn'))
    const hardened = parseProfile(await read('OpenVPN/vpnconfig-hardened.ovpn'))
    expect(azure).toMatchObject({ profile: { wrap: { type: 'tls-auth', direction: 1 } }, notices: [] })
    expect(hardened).toMatchObject({ profile: { wrap: { type: 'tls-crypt-v2' } } })
  })

  it('issues a certificate that the gateway accepts, with its PKCS#12 twin', async () => {
    const { read, directory, thumbprint } = await added('ann@example.org')
    const [leaf] = readCertificates(block(await read('OpenVPN/vpnconfig.ovpn'), 'cert'))
    expect(describeCertificate(leaf as Uint8Array)).toMatchObject({
      commonName: 'ann@example.org',
      thumbprint,
    })
    const trust = createTrustStore({ roots: [...gateway.configuration.certificateAuthentication.roots] })
    expect(
      trust.verify({ leaf: leaf as Uint8Array, intermediates: [], time: NOW, purpose: 'client' }).valid,
    ).toBe(true)
    const password = (await read('ann@example.org.p12.password')).trim()
    const bundle = parsePkcs12(await readFile(join(directory, 'ann@example.org.p12')), password)
    expect(bundle.certificate).toEqual(leaf)
  })

  it('keeps the private key to the owner, and out of the store', async () => {
    const { directory } = await added('closed')
    expect((await stat(join(directory, 'OpenVPN', 'vpnconfig.ovpn'))).mode & 0o777).toBe(0o600)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect(JSON.stringify(await installation.data.documents.read('clients/closed'))).not.toContain(
      'PRIVATE KEY',
    )
  })

  it('gives a gateway without tls-auth, tls-crypt-v2 or TCP the lines that it needs', async () => {
    const listeners = [{ transport: 'udp', address: '::', port: 1194 } as const]
    const crypt = await added(
      'crypt',
      withSettings({ listeners, openvpn: { controlWraps: ['tls-crypt'] } }, ['OpenVPN']),
    )
    const azure = await crypt.read('OpenVPN/vpnconfig.ovpn')
    expect(azure).toContain('remote vpn.example.org 1194\n')
    expect(azure).toContain('proto udp\n')
    expect(azure).not.toContain('key-direction')
    expect(block(azure, 'tls-crypt')).toContain('OpenVPN Static key V1')
    const hardened = await crypt.read('OpenVPN/vpnconfig-hardened.ovpn')
    expect(block(hardened, 'tls-crypt')).toBe(block(azure, 'tls-crypt'))
    const none = await added('none', withSettings({ openvpn: { controlWraps: ['none'] } }))
    expect(await none.read('OpenVPN/vpnconfig.ovpn')).not.toMatch(/tls-auth|tls-crypt/)
  })
})

describe('addClient refuses', () => {
  it.each(['', '..', '../up', 'a/b', '.hidden', 'two words', 'a\nb', 'x'.repeat(65)])(
    'the name %j',
    async name => {
      await expect(addClient(installation, gateway, { name })).rejects.toMatchObject({
        code: 'InvalidParameter',
      })
    },
  )

  it('a name that is taken', async () => {
    await added('taken')
    await expect(added('taken')).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('a directory that exists, and leaves it and the registry as they were', async () => {
    const directory = join(installation.data.path, 'mine')
    await mkdir(directory)
    await writeFile(join(directory, 'letter'), 'dear')
    const request = { name: 'overwriter', directory, ...KEY }
    await expect(addClient(installation, gateway, request)).rejects.toThrow(
      /mine exists; nothing was overwritten/,
    )
    expect(await readdir(directory)).toEqual(['letter'])
    expect((await listClients(installation)).map(({ name }) => name)).not.toContain('overwriter')
  })

  it('a path where nothing can be written, and leaves no record', async () => {
    const file = join(installation.data.path, 'plain')
    await writeFile(file, '')
    const request = { name: 'nowhere', directory: join(file, 'x', 'y'), ...KEY }
    await expect(addClient(installation, gateway, request)).rejects.toMatchObject({ code: 'HostFailure' })
    expect((await listClients(installation)).map(({ name }) => name)).not.toContain('nowhere')
  })

  it('a gateway that trusts other roots only, or that nobody can name', async () => {
    const { configuration } = gateway
    const certificateAuthentication = { ...configuration.certificateAuthentication, roots: [] }
    const foreign = { ...gateway, configuration: { ...configuration, certificateAuthentication } }
    await expect(added('stranger', foreign)).rejects.toThrow(/does not trust its own authority/)
    await expect(added('lost', withSettings({ hostNames: [] }))).rejects.toThrow(
      /how clients reach this gateway/,
    )
  })
})
