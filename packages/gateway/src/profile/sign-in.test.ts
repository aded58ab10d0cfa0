import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthenticationType, GatewaySettings } from '@causeway/api-contract'
import { parseProfile } from '@causeway/openvpn'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { addClient } from './add-client.ts'
import { type Cell, gatewayOfCell, RADIUS_SECRET, TENANT } from './cell.suite.ts'
import { listClients } from './client-registry.ts'

const CUSTOM = '0f0f0f0f-1111-4222-8333-444444444444'

let installation: ScratchInstallation
let gateway: PreparedGateway

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await preparedGateway(installation, { hostNames: ['vpn.example.org'] }, INTERFACES)
})

afterAll(() => installation.remove())

const gatewayOf = (cell: Cell): PreparedGateway => gatewayOfCell(gateway, cell)

async function added(name: string, of: Cell) {
  const client = await addClient(installation, gatewayOf(of), { name, keyType: 'ecdsa-p256' })
  const read = (file: string): Promise<string> => readFile(join(client.directory, file), 'utf8')
  return { ...client, read }
}

const python = (script: string, input: string): unknown =>
  JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' }))

/** The texts of an XML document's elements by their path. Errors: it is none. */
function xmlTexts(xml: string): Record<string, string> {
  const script = `
import sys, json, xml.etree.ElementTree as tree
texts = {}
def walk(element, path):
    path += '/' + element.tag.split('}')[-1]
    if len(element) == 0: texts[path] = element.text or ''
    for inner in element: walk(inner, path)
walk(tree.fromstring(sys.stdin.buffer.read()), '')
print(json.dumps(texts))`
  return python(script, xml) as Record<string, string>
}

describe('a gateway with sign-in through the browser', () => {
  const settings: GatewaySettings = { entra: { browser: { clientId: 'vpn' } } }

  it('has profiles that announce it, with what no user signs in by', async () => {
    const { read, files } = await added('bea', { tunnels: ['OpenVPN'], types: ['AAD'], settings })
    expect(files.filter(file => file.startsWith('OpenVPN/')).toSorted()).toEqual([
      'OpenVPN/vpnconfig-browser-hardened.ovpn',
      'OpenVPN/vpnconfig-browser.ovpn',
    ])
    for (const file of ['vpnconfig-browser.ovpn', 'vpnconfig-browser-hardened.ovpn']) {
      const text = await read(`OpenVPN/${file}`)
      expect(text).toContain('\nsetenv IV_SSO webauth\npush-peer-info\n')
      expect(text).toContain('\n<auth-user-pass>\nbrowser\nsign-in-by-browser\n</auth-user-pass>\n')
      expect(text).not.toMatch(/<cert>|<key>|auth-nocache/)
      expect(parseProfile(text)).toMatchObject({
        type: 'profile',
        profile: { authUserPass: { username: 'browser', password: 'sign-in-by-browser' } },
      })
    }
  })

  it('has those of the other methods beside them', async () => {
    const of = {
      tunnels: ['OpenVPN'],
      types: ['Certificate', 'Radius', 'AAD'] as AuthenticationType[],
      settings,
    }
    const { files } = await added('boris', of)
    expect(
      files.filter(file => file.startsWith('OpenVPN/') && !file.includes('hardened')).toSorted(),
    ).toEqual(['OpenVPN/vpnconfig-browser.ovpn', 'OpenVPN/vpnconfig-radius.ovpn', 'OpenVPN/vpnconfig.ovpn'])
  })
})

describe('a gateway where all sign in by RADIUS', () => {
  const types: AuthenticationType[] = ['Radius']

  it('issues nothing, and has a profile for every tunnel type', async () => {
    const client = await added('rita', { tunnels: ['IkeV2', 'SSTP', 'OpenVPN'], types })
    expect(client).not.toHaveProperty('thumbprint')
    expect((await listClients(installation)).map(({ name }) => name)).not.toContain('rita')
    expect(client.files.toSorted()).toEqual([
      'Android/rita.sswan',
      'AzureVPN/azurevpnconfig.xml',
      'Generic/VpnServerRoot.cer',
      'Generic/VpnSettings.xml',
      'Mac/VpnClientSetup.mobileconfig',
      'NetworkManager/causeway/ca.pem',
      'NetworkManager/rita-sstp.nmconnection',
      'NetworkManager/rita.nmconnection',
      'OpenVPN/vpnconfig-hardened.ovpn',
      'OpenVPN/vpnconfig.ovpn',
      'Sstpc/ca.pem',
      'Sstpc/connect',
      'Sstpc/ip-up',
      'Sstpc/options',
      'StrongSwan/conf.d/causeway.conf',
      'StrongSwan/x509ca/causeway-ca.pem',
      'Windows/ProfileXML.xml',
      'Windows/VpnClientSetup.ps1',
      'Windows/ca.cer',
      'ca.pem',
    ])
    for (const file of client.files) {
      const text = await client.read(file)
      expect(text).not.toContain('PRIVATE KEY')
      expect(text).not.toContain(RADIUS_SECRET)
    }
  })

  it('asks for name and password in OpenVPN', async () => {
    const { read } = await added('olga', { tunnels: ['OpenVPN'], types })
    for (const file of ['vpnconfig.ovpn', 'vpnconfig-hardened.ovpn']) {
      const text = await read(`OpenVPN/${file}`)
      expect(text).toContain('\nauth-user-pass\n')
      expect(text).not.toMatch(/<cert>|<key>|auth-nocache/)
      const parsed = parseProfile(text)
      expect(parsed).toMatchObject({ type: 'profile', profile: { authUserPass: {} } })
      expect(parsed).not.toHaveProperty('profile.certificate')
    }
  })

  it('asks for them by EAP-MSCHAPv2 in IKEv2', async () => {
    const { read } = await added('ida', { tunnels: ['IkeV2'], types })
    const conf = await read('StrongSwan/conf.d/causeway.conf')
    expect(conf).toContain('auth = eap-mschapv2\n      eap_id = "ida"\n')
    expect(conf).not.toMatch(/^ *certs = /m)
    expect(xmlTexts(await read('Generic/VpnSettings.xml'))['/VpnProfile/Auth']).toBe('EapMSChapv2')
    expect(JSON.parse(await read('Android/ida.sswan'))).toMatchObject({
      type: 'ikev2-eap',
      local: { eap_id: 'ida' },
    })
    expect(await read('NetworkManager/ida.nmconnection')).toContain(
      '\nmethod=eap\nuser=ida\npassword-flags=2\n',
    )
    const plist = python(
      'import plistlib,sys,json;print(json.dumps(plistlib.loads(sys.stdin.buffer.read()),default=len))',
      await read('Mac/VpnClientSetup.mobileconfig'),
    ) as { PayloadContent: { PayloadType: string; IKEv2: object }[] }
    expect(plist.PayloadContent.map(({ PayloadType }) => PayloadType)).toEqual([
      'com.apple.security.root',
      'com.apple.vpn.managed',
    ])
    expect(plist.PayloadContent[1]?.IKEv2).toMatchObject({
      AuthenticationMethod: 'None',
      ExtendedAuthEnabled: 1,
      AuthName: 'ida',
    })
    expect(plist.PayloadContent[1]?.IKEv2).not.toHaveProperty('PayloadCertificateUUID')
  })

  it('sets Windows to EAP-MSCHAPv2, and imports no certificate but the root', async () => {
    const { read } = await added('wanda', { tunnels: ['IkeV2', 'SSTP'], types })
    const base = '/VPNProfile/NativeProfile/Authentication/Eap/Configuration/EapHostConfig'
    const profile = xmlTexts(await read('Windows/ProfileXML.xml'))
    expect(profile[`${base}/EapMethod/Type`]).toBe('26')
    expect(profile[`${base}/Config/Eap/EapType/UseWinLogonCredentials`]).toBe('false')
    const script = await read('Windows/VpnClientSetup.ps1')
    expect(script).toMatch(/^[\t\r\n\x20-\x7e]*$/)
    expect(script).toContain('Import-Certificate ')
    expect(script).not.toMatch(/Import-PfxCertificate|p12/)
  })

  it('asks for them by MS-CHAPv2 in SSTP', async () => {
    const { read } = await added('sven', { tunnels: ['SSTP'], types })
    const connection = await read('NetworkManager/sven-sstp.nmconnection')
    expect(connection).toContain('\nconnection-type=password\nuser=sven\npassword-flags=2\n')
    expect(connection).not.toMatch(/refuse-mschapv2|tls-user/)
    const options = await read('Sstpc/options')
    expect(options).toMatch(/^name "sven"\nrefuse-eap\nnoauth\nrefuse-pap\n/)
    expect(options).not.toMatch(/mschap-v2|remotename|need-peer-eap/)
  })

  it.each([
    ['pw1', 'simple'],
    ['pw2', 'a "quoted" \\ one'],
    ['pw3', '  spaces  '],
    ['pw4', "it's $(id) `id`"],
    ['pw5', ''],
  ])('hands sstpc the password of %s, %j, in a file that goes with it', async (name, password) => {
    const folder = await mkdtemp(join(tmpdir(), 'sstpc '))
    onTestFinished(() => rm(folder, { recursive: true }))
    const { directory } = await added(name, { tunnels: ['SSTP'], types })
    const show =
      '#!/bin/sh\nprintf "%s\\n" "$@"\nfor word; do last=$word; done\nstat -c %a "$last"\ncat "$last"\n'
    await writeFile(join(folder, 'sstpc'), show, { mode: 0o700 })
    await writeFile(join(folder, 'mkdir'), '#!/bin/sh\n', { mode: 0o700 })
    const home = join(folder, 'Sstpc')
    await cp(join(directory, 'Sstpc'), home, { recursive: true })
    const { PATH = '' } = process.env
    const env = { PATH: `${folder}:${PATH}`, TMPDIR: folder }
    const output = execFileSync(join(home, 'connect'), [], {
      env,
      encoding: 'utf8',
      input: `${password}\n`,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).split('\n')
    expect(output.slice(0, 8)).toEqual([
      ...['--log-stderr', '--tls-ext', '--ca-cert', join(home, 'ca.pem'), '--ipparam', `causeway-${name}`],
      ...['vpn.example.org', 'file'],
    ])
    const secret = output[12] ?? ''
    expect(output.slice(11)).toEqual([
      ...['file', secret, '600'],
      `password "${password.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
      '',
    ])
    await expect(readFile(secret)).rejects.toThrow('ENOENT')
  })
})

describe('a gateway with several authentication types', () => {
  it('has an OpenVPN profile of each, and a file of each for the Azure VPN Client', async () => {
    const types: AuthenticationType[] = ['AAD', 'Radius', 'Certificate']
    const { files, read } = await added('mona', { tunnels: ['OpenVPN'], types })
    expect(files.filter(file => /^(OpenVPN|AzureVPN)\//.test(file))).toEqual([
      'OpenVPN/vpnconfig.ovpn',
      'OpenVPN/vpnconfig-hardened.ovpn',
      'OpenVPN/vpnconfig-radius.ovpn',
      'OpenVPN/vpnconfig-radius-hardened.ovpn',
      'AzureVPN/azurevpnconfig_aad.xml',
      'AzureVPN/azurevpnconfig_cert.xml',
      'AzureVPN/azurevpnconfig_radius.xml',
    ])
    const [own, radius] = [await read('OpenVPN/vpnconfig.ovpn'), await read('OpenVPN/vpnconfig-radius.ovpn')]
    expect(parseProfile(own)).toHaveProperty('profile.certificate')
    expect(parseProfile(radius)).toHaveProperty('profile.authUserPass')
  })

  it('has Entra ID for OpenVPN alone', async () => {
    const { files, read } = await added('nina', { tunnels: ['IkeV2', 'OpenVPN'], types: ['AAD', 'Radius'] })
    expect(files).toEqual(
      expect.arrayContaining(['AzureVPN/azurevpnconfig_aad.xml', 'OpenVPN/vpnconfig.ovpn']),
    )
    expect(await read('StrongSwan/conf.d/causeway.conf')).toContain('auth = eap-mschapv2')
  })
})

describe('a profile of the Azure VPN Client', () => {
  const openvpn = { tunnels: ['OpenVPN'] }

  it("has Azure's form for Entra ID", async () => {
    const dns = { servers: ['10.1.0.4'], searchDomains: ['corp.example'] }
    const { read, files } = await added('aada', { ...openvpn, types: ['AAD'], settings: { dns } })
    expect(files.filter(file => file.startsWith('OpenVPN/'))).toEqual([])
    const texts = xmlTexts(await read('AzureVPN/azurevpnconfig.xml'))
    const aad = '/AzVpnProfile/clientauth/aad'
    expect(texts).toMatchObject({
      [`${aad}/audience`]: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
      [`${aad}/issuer`]: `https://sts.windows.net/${TENANT}/`,
      [`${aad}/tenant`]: `https://login.microsoftonline.com/${TENANT}/`,
      '/AzVpnProfile/clientauth/type': 'aad',
      '/AzVpnProfile/clientconfig/dnsservers/dnsserver': '10.1.0.4',
      '/AzVpnProfile/clientconfig/dnssuffixes/dnssuffix': '.corp.example',
      '/AzVpnProfile/name': gateway.configuration.name,
      '/AzVpnProfile/protocolconfig/sslprotocolConfig/transportprotocol': 'tcp',
      '/AzVpnProfile/serverlist/ServerEntry/fqdn': 'vpn.example.org',
      '/AzVpnProfile/servervalidation/serversecret': Buffer.from(gateway.identity.tlsAuthKey).toString('hex'),
    })
    expect(texts[`${aad}/applicationid`]).toBeUndefined()
    expect(texts['/AzVpnProfile/servervalidation/serversecret']).toHaveLength(512)
    expect(texts['/AzVpnProfile/servervalidation/cert/hash']).toMatch(/^[0-9A-F]{40}$/)
  })

  it('names the client that asks for the tokens of a custom app', async () => {
    const { read } = await added('aadc', { ...openvpn, types: ['AAD'], audience: `api://${CUSTOM}` })
    expect(xmlTexts(await read('AzureVPN/azurevpnconfig.xml'))).toMatchObject({
      '/AzVpnProfile/clientauth/aad/applicationid': 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
      '/AzVpnProfile/clientauth/aad/audience': `api://${CUSTOM}`,
    })
  })

  it('names the certificate, or asks for a password', async () => {
    const client = await added('carl', { ...openvpn, types: ['Certificate'] })
    expect(xmlTexts(await client.read('AzureVPN/azurevpnconfig.xml'))).toMatchObject({
      '/AzVpnProfile/clientauth/type': 'cert',
      '/AzVpnProfile/clientauth/cert/hash': client.thumbprint,
    })
    const { read } = await added('rolf', { ...openvpn, types: ['Radius'] })
    expect(xmlTexts(await read('AzureVPN/azurevpnconfig.xml'))).toMatchObject({
      '/AzVpnProfile/clientauth/type': 'usernamepass',
    })
  })

  it('is not there where the client could not connect', async () => {
    const udp = (port: number) => ({ listeners: [{ transport: 'udp', address: '0.0.0.0', port } as const] })
    const types: AuthenticationType[] = ['Radius']
    const files = async (name: string, settings: GatewaySettings) =>
      (await added(name, { ...openvpn, types, settings })).files.filter(file => file.startsWith('AzureVPN/'))
    expect(await files('ann', udp(1194))).toEqual([])
    expect(await files('ben', { openvpn: { controlWraps: ['tls-crypt'] } })).toEqual([])
    expect(await files('cid', udp(443))).toEqual(['AzureVPN/azurevpnconfig.xml'])
  })

  it('lets no text out of its element', async () => {
    const odd = gatewayOf({ ...openvpn, types: ['AAD'] })
    const configuration = { ...odd.configuration, name: '</name><evil>&"\u0001' }
    const { directory } = await addClient(installation, { ...odd, configuration }, { name: 'evil' })
    const texts = xmlTexts(await readFile(join(directory, 'AzureVPN/azurevpnconfig.xml'), 'utf8'))
    expect(texts['/AzVpnProfile/name']).toBe('</name><evil>&"')
  })
})
