import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
} from '@causeway/api-contract'
import { parseProfile } from '@causeway/openvpn'
import { describeCertificate, formatPem } from '@causeway/x509'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { addClient } from './add-client.ts'
import { gatewayOfCell, RADIUS_SECRET, TENANT } from './cell.suite.ts'
import { bytesOf, type ReadPackage, readPackage, textOf, xmlOf } from './package-reader.suite.ts'
import { packageZip } from './package-zip.ts'

const CLIENT_NAME = 'zaphod-beeblebrox'

let installation: ScratchInstallation
let gateway: PreparedGateway
/** Of a client whom the package is not for. */
let thumbprint: string | undefined

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await preparedGateway(installation, { hostNames: ['vpn.example.org', '10.9.0.5'] }, INTERFACES)
  thumbprint = (await addClient(installation, gateway, { name: CLIENT_NAME })).thumbprint
})

afterAll(() => installation.remove())

/** Files that come together. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  azure: ['AzureVPN/azurevpnconfig.xml'],
  'azure-aad': ['AzureVPN/azurevpnconfig_aad.xml'],
  'azure-cert': ['AzureVPN/azurevpnconfig_cert.xml'],
  'azure-radius': ['AzureVPN/azurevpnconfig_radius.xml'],
  openvpn: ['OpenVPN/vpnconfig.ovpn', 'OpenVPN/vpnconfig-hardened.ovpn'],
  'openvpn-radius': ['OpenVPN/vpnconfig-radius.ovpn', 'OpenVPN/vpnconfig-radius-hardened.ovpn'],
  roots: ['Generic/VpnServerRoot.cer', 'Generic/VpnServerRoot.cer_0'],
  settings: ['Generic/VpnSettings.xml'],
  windows: ['Amd64', 'X86'].flatMap(each => [
    `Windows${each}/VpnClientSetup${each}.ps1`,
    `Windows${each}/ProfileXML.xml`,
    `Windows${each}/ca.cer`,
  ]),
  mac: ['Mac/VpnClientSetup.mobileconfig'],
  ikev2: [
    'Android/causeway.sswan',
    'Linux/NetworkManager/causeway.nmconnection',
    'Linux/NetworkManager/causeway/ca.pem',
    'Linux/StrongSwan/conf.d/causeway.conf',
    'Linux/StrongSwan/x509ca/causeway-ca.pem',
  ],
  sstp: [
    'Linux/NetworkManager/causeway-sstp.nmconnection',
    'Linux/NetworkManager/causeway/ca.pem',
    'Linux/Sstpc/ca.pem',
    'Linux/Sstpc/connect',
    'Linux/Sstpc/ip-up',
    'Linux/Sstpc/options',
  ],
}

/** Every cell that a gateway can have: what is in its package. */
const CELLS: Readonly<Record<string, string>> = {
  'OpenVPN: AAD': 'azure roots',
  'OpenVPN: Radius': 'azure openvpn roots',
  'OpenVPN: Certificate': 'azure openvpn roots',
  'OpenVPN: Radius AAD': 'azure-aad azure-radius openvpn roots',
  'OpenVPN: Certificate AAD': 'azure-aad azure-cert openvpn roots',
  'OpenVPN: Certificate Radius': 'azure-cert azure-radius openvpn openvpn-radius roots',
  'OpenVPN: Certificate Radius AAD': 'azure-aad azure-cert azure-radius openvpn openvpn-radius roots',
  'SSTP: Radius': 'windows sstp',
  'SSTP: Certificate': 'windows sstp',
  'IkeV2: Radius': 'roots settings windows mac ikev2',
  'IkeV2: Certificate': 'roots settings windows ikev2',
  'IkeV2 OpenVPN: Radius': 'azure openvpn roots settings windows mac ikev2',
  'IkeV2 OpenVPN: Certificate': 'azure openvpn roots settings windows ikev2',
  'IkeV2 OpenVPN: Radius AAD': 'azure-aad azure-radius openvpn roots settings windows mac ikev2',
  'IkeV2 OpenVPN: Certificate AAD': 'azure-aad azure-cert openvpn roots settings windows ikev2',
  'IkeV2 SSTP: Radius': 'roots settings windows mac ikev2 sstp',
  'IkeV2 SSTP: Certificate': 'roots settings windows ikev2 sstp',
  'SSTP OpenVPN: Radius': 'azure openvpn roots windows sstp',
  'SSTP OpenVPN: Certificate': 'azure openvpn roots windows sstp',
  'SSTP OpenVPN: Radius AAD': 'azure-aad azure-radius openvpn roots windows sstp',
  'SSTP OpenVPN: Certificate AAD': 'azure-aad azure-cert openvpn roots windows sstp',
  'IkeV2 SSTP OpenVPN: Radius': 'azure openvpn roots settings windows mac ikev2 sstp',
  'IkeV2 SSTP OpenVPN: Certificate': 'azure openvpn roots settings windows ikev2 sstp',
  'IkeV2 SSTP OpenVPN: Radius AAD': 'azure-aad azure-radius openvpn roots settings windows mac ikev2 sstp',
  'IkeV2 SSTP OpenVPN: Certificate AAD': 'azure-aad azure-cert openvpn roots settings windows ikev2 sstp',
}

interface Case {
  readonly name: string
  readonly tunnels: readonly ClientProtocol[]
  readonly types: readonly AuthenticationType[]
}

/** Every subset but the empty one. */
function subsets<Name>(names: readonly Name[]): Name[][] {
  const masks = Array.from({ length: 2 ** names.length - 1 }, (_, i) => i + 1)
  return masks.map(mask => names.filter((_, i) => (mask >> i) & 1))
}

const ALL: readonly Case[] = subsets(CLIENT_PROTOCOLS).flatMap(tunnels =>
  subsets(AUTHENTICATION_TYPES).map(types => ({
    name: `${tunnels.join(' ')}: ${types.join(' ')}`,
    tunnels,
    types,
  })),
)

const zips = new Map<string, Uint8Array>()
const packages = new Map<string, ReadPackage>()

function zipOf(cell: Case): Uint8Array {
  const zip = zips.get(cell.name) ?? packageZip(gatewayOfCell(gateway, cell), {})
  zips.set(cell.name, zip)
  return zip
}

/** Read by Python, which complains about what is not what it is called. */
function packageOf(cell: Case): ReadPackage {
  const read = packages.get(cell.name) ?? readPackage(zipOf(cell))
  packages.set(cell.name, read)
  return read
}

const SERVED = ALL.filter(({ name }) => name in CELLS)
const serving = (...tunnels: ClientProtocol[]): Case[] =>
  SERVED.filter(cell => tunnels.some(tunnel => cell.tunnels.includes(tunnel)))
const native = (cell: Case): 'Certificate' | 'Radius' =>
  cell.types.includes('Certificate') ? 'Certificate' : 'Radius'

describe('the table of tunnel and authentication types', () => {
  it('has forty-nine cells, of which a gateway can have twenty-five', () => {
    expect(ALL).toHaveLength(49)
    expect(SERVED.map(({ name }) => name).toSorted()).toEqual(Object.keys(CELLS).toSorted())
    for (const cell of ALL.filter(({ name }) => !(name in CELLS)))
      expect(() => gatewayOfCell(gateway, cell)).toThrow('vpnAuthenticationTypes')
  })

  it.each(SERVED)('$name: its files', cell => {
    const groups = (CELLS[cell.name] ?? '').split(' ')
    const files = new Set(groups.flatMap(group => FILES[group] ?? [`no group ${group}`]))
    expect(Object.keys(packageOf(cell))).toEqual([...files].toSorted())
  })

  it.each(SERVED)('$name: no key, no secret and no name of anybody', cell => {
    const { identity, authority } = gateway
    const secrets = [identity.privateKey, authority.privateKey].flatMap(pem => pem.split('\n'))
    const hidden = [
      ...secrets.filter(line => line.length > 60),
      ...[identity.tlsCryptV2ServerKey].map(key => Buffer.from(key).toString('base64').slice(0, 40)),
      ...['PRIVATE KEY-----', '[secret]', RADIUS_SECRET, CLIENT_NAME, thumbprint ?? ''],
      ...['undefined', 'NaN', '[object'],
    ]
    for (const [path, bytes] of Object.entries(unzipSync(zipOf(cell)))) {
      expect(path).not.toContain(CLIENT_NAME)
      const text = Buffer.from(bytes).toString('latin1')
      for (const secret of hidden)
        expect(text.includes(secret), `${path}: ${secret.slice(0, 20)}`).toBe(false)
    }
  })
})

describe("the gateway's root", () => {
  it.each(serving('OpenVPN', 'IkeV2', 'SSTP'))('$name: is DER in .cer and PEM elsewhere', cell => {
    const { root } = gateway.server
    const files = unzipSync(zipOf(cell))
    const ders = Object.keys(files).filter(path => /\.cer(_0)?$/.test(path))
    expect(ders.length).toBeGreaterThan(0)
    for (const path of ders) {
      const certificate = new X509Certificate(bytesOf(zipOf(cell), path))
      expect(certificate.fingerprint256).toBe(new X509Certificate(root).fingerprint256)
    }
    for (const path of Object.keys(files).filter(each => each.endsWith('.pem')))
      expect(textOf(zipOf(cell), path)).toBe(formatPem(root))
  })
})

describe('OpenVPN', () => {
  const cases = serving('OpenVPN')

  it.each(cases)('$name: profiles that OpenVPN reads', cell => {
    for (const path of Object.keys(packageOf(cell)).filter(each => each.endsWith('.ovpn'))) {
      const text = textOf(zipOf(cell), path)
      const parsed = parseProfile(text)
      const isRadius = path.includes('radius') || !cell.types.includes('Certificate')
      expect(parsed).toMatchObject({
        type: 'profile',
        profile: {
          serverName: { name: gateway.server.name },
          requireServerUsage: true,
          ca: expect.stringContaining('BEGIN CERTIFICATE'),
          tlsVersionMin: '1.2',
          ...(isRadius
            ? { authUserPass: {} }
            : { certificate: '$CLIENTCERTIFICATE\n', privateKey: '$PRIVATEKEY\n' }),
        },
      })
      expect(text.includes('<cert>')).toBe(!isRadius)
      expect(text.includes('auth-user-pass')).toBe(isRadius)
    }
  })

  it("has Azure's lines, and Azure's places for the certificate and its key", () => {
    const cell = { name: 'OpenVPN: Certificate', tunnels: ['OpenVPN'], types: ['Certificate'] } as const
    const { name } = gateway.server
    const lines = textOf(zipOf(cell), 'OpenVPN/vpnconfig.ovpn')
      .replaceAll(/-----BEGIN [\s\S]*?-----END .*-----/g, 'PEM')
      .split('\n')
    expect(lines).toEqual([
      ...[
        'client',
        'remote vpn.example.org 443',
        `verify-x509-name '${name}' name`,
        'remote-cert-tls server',
        '',
      ],
      ...['dev tun', 'proto tcp', 'resolv-retry infinite', 'nobind', ''],
      ...['auth SHA256', 'cipher AES-256-GCM', 'persist-key', 'persist-tun', ''],
      ...['tls-timeout 30', 'tls-version-min 1.2', 'key-direction 1', '', 'log openvpn.log', 'verb 3', ''],
      ...['# P2S CA root certificate', '<ca>', 'PEM', '</ca>', ''],
      ...['# Pre Shared Key', '<tls-auth>', 'PEM', '</tls-auth>', ''],
      '# P2S client certificate',
      '# Please fill this field with a PEM formatted client certificate',
      "# Alternatively, configure 'cert PATH_TO_CLIENT_CERT' to use input from a PEM certificate file.",
      ...['<cert>', '$CLIENTCERTIFICATE', '</cert>', ''],
      '# P2S client certificate private key',
      '# Please fill this field with a PEM formatted private key of the client certificate.',
      "# Alternatively, configure 'key PATH_TO_CLIENT_KEY' to use input from a PEM key file.",
      ...['<key>', '$PRIVATEKEY', '</key>', ''],
    ])
  })

  it('has the profiles of a browser beside them, where Entra ID has that', () => {
    const settings = { entra: { browser: { clientId: 'vpn' } } }
    const of = gatewayOfCell(gateway, { tunnels: ['OpenVPN'], types: ['AAD'], settings })
    expect(Object.keys(unzipSync(packageZip(of, {}))).filter(path => path.startsWith('OpenVPN/'))).toEqual([
      'OpenVPN/vpnconfig-browser-hardened.ovpn',
      'OpenVPN/vpnconfig-browser.ovpn',
    ])
  })

  it('has a key of its control channel where each client is meant to have one of its own', () => {
    const settings = { openvpn: { controlWraps: ['tls-crypt-v2' as const] } }
    const of = gatewayOfCell(gateway, { tunnels: ['OpenVPN'], types: ['Radius'], settings })
    const zip = packageZip(of, {})
    for (const name of ['vpnconfig', 'vpnconfig-hardened'])
      expect(parseProfile(textOf(zip, `OpenVPN/${name}.ovpn`))).toMatchObject({
        profile: { wrap: { type: 'tls-crypt-v2' } },
      })
    expect(packageZip(of, {})).toEqual(zip)
  })
})

describe('the Azure VPN Client', () => {
  const signsIn = { aad: 'aad', cert: 'cert', radius: 'usernamepass' } as const
  const only = (types: readonly AuthenticationType[]): keyof typeof signsIn =>
    types.includes('AAD') ? 'aad' : types.includes('Radius') ? 'radius' : 'cert'

  it.each(serving('OpenVPN'))('$name: a profile of each type', cell => {
    const read = packageOf(cell)
    for (const path of Object.keys(read).filter(each => each.startsWith('AzureVPN/'))) {
      const suffix = /_(aad|cert|radius)\.xml$/.exec(path)?.[1] as keyof typeof signsIn | undefined
      const texts = xmlOf(read, path)
      expect(texts).toMatchObject({
        '/AzVpnProfile/clientauth/type': [signsIn[suffix ?? only(cell.types)]],
        '/AzVpnProfile/name': ['causeway'],
        '/AzVpnProfile/serverlist/ServerEntry/fqdn': ['vpn.example.org'],
        '/AzVpnProfile/protocolconfig/sslprotocolConfig/transportprotocol': ['tcp'],
        '/AzVpnProfile/servervalidation/cert/hash': [describeCertificate(gateway.server.root).thumbprint],
        '/AzVpnProfile/servervalidation/serversecret': [
          Buffer.from(gateway.identity.tlsAuthKey).toString('hex'),
        ],
        '/AzVpnProfile/version': ['1'],
      })
      const tenant = texts['/AzVpnProfile/clientauth/aad/tenant']
      const isEntra = (suffix ?? only(cell.types)) === 'aad'
      expect(tenant).toEqual(isEntra ? [`https://login.microsoftonline.com/${TENANT}/`] : undefined)
      const isCertificate = (suffix ?? only(cell.types)) === 'cert'
      expect(texts['/AzVpnProfile/clientauth/cert/hash']).toEqual(isCertificate ? [''] : undefined)
    }
  })
})

describe('Generic', () => {
  it.each(serving('IkeV2'))('$name: what programs read', cell => {
    expect(xmlOf(packageOf(cell), 'Generic/VpnSettings.xml')).toEqual({
      '/VpnProfile/VpnServer': ['vpn.example.org'],
      '/VpnProfile/VpnType': ['IkeV2'],
      '/VpnProfile/CaCerts/string': [Buffer.from(gateway.server.root).toString('base64')],
      '/VpnProfile/Routes': ['10.1.0.0/16'],
      '/VpnProfile/CustomDnsServers': [''],
      '/VpnProfile/Auth': [native(cell) === 'Radius' ? 'EapMSChapv2' : 'EapTls'],
    })
  })
})

describe('Windows', () => {
  it.each(serving('IkeV2', 'SSTP'))('$name: a script and a ProfileXML of the same', cell => {
    const read = packageOf(cell)
    const eap = '/VPNProfile/NativeProfile/Authentication/Eap/Configuration/EapHostConfig'
    const number = native(cell) === 'Radius' ? '26' : '13'
    const protocols = cell.tunnels.filter(tunnel => tunnel !== 'OpenVPN')
    for (const each of ['Amd64', 'X86']) {
      const texts = xmlOf(read, `Windows${each}/ProfileXML.xml`)
      expect(texts[`${eap}/EapMethod/Type`]).toEqual([number])
      expect(texts['/VPNProfile/NativeProfile/Servers']).toEqual(['vpn.example.org'])
      const script = textOf(zipOf(cell), `Windows${each}/VpnClientSetup${each}.ps1`)
      expect(script).toMatch(/^[\t\r\n\x20-\x7e]*$/)
      expect(script).not.toMatch(/[^\r]\n/)
      expect(script).toContain(`-TunnelType ${protocols.includes('IkeV2') ? 'Ikev2' : 'Sstp'} `)
      expect(script).toContain(
        `<Type xmlns="http://www.microsoft.com/provisioning/EapCommon">${number}</Type>`,
      )
      expect(script).not.toMatch(/Import-PfxCertificate|\.p12/)
      expect(script.includes('Cert:\\CurrentUser\\My')).toBe(native(cell) === 'Certificate')
    }
  })
})

describe("Apple's systems", () => {
  it.each(serving('IkeV2').filter(cell => native(cell) === 'Radius'))('$name: a profile', cell => {
    expect(packageOf(cell)['Mac/VpnClientSetup.mobileconfig']).toMatchObject({
      kind: 'plist',
      value: {
        PayloadType: 'Configuration',
        PayloadDisplayName: 'causeway VPN',
        PayloadContent: [
          {
            PayloadType: 'com.apple.security.root',
            PayloadContent: Buffer.from(gateway.server.root).toString('base64'),
          },
          {
            PayloadType: 'com.apple.vpn.managed',
            IKEv2: {
              RemoteAddress: 'vpn.example.org',
              RemoteIdentifier: gateway.server.name,
              AuthenticationMethod: 'None',
              ExtendedAuthEnabled: 1,
            },
          },
        ],
      },
    })
    expect(textOf(zipOf(cell), 'Mac/VpnClientSetup.mobileconfig')).not.toContain('AuthName')
  })
})

describe('Linux and Android', () => {
  it.each(serving('IkeV2'))('$name: strongSwan, its app and its plug-in', cell => {
    const read = packageOf(cell)
    const conf = textOf(zipOf(cell), 'Linux/StrongSwan/conf.d/causeway.conf')
    const isRadius = native(cell) === 'Radius'
    expect(conf).toMatch(
      isRadius
        ? /\n {6}auth = eap-mschapv2\n {6}eap_id = "\$USERNAME"\n/
        : /auth = pubkey\n {6}certs = "client.pem"\n {4}\}/,
    )
    expect(conf.match(/\{/g)?.length).toBe(conf.match(/\}/g)?.length)
    expect(read['Android/causeway.sswan']).toMatchObject({
      kind: 'json',
      value: { name: 'causeway', type: isRadius ? 'ikev2-eap' : 'ikev2-cert', local: {} },
    })
    const keys = read['Linux/NetworkManager/causeway.nmconnection']
    expect(keys).toMatchObject({
      kind: 'keys',
      value: {
        connection: { id: 'causeway', type: 'vpn' },
        vpn: { address: 'vpn.example.org', method: isRadius ? 'eap' : 'key' },
      },
    })
    expect(keys).not.toHaveProperty('value.vpn.user')
  })

  it.each(serving('SSTP'))('$name: sstpc and its plug-in', cell => {
    const isRadius = native(cell) === 'Radius'
    const connect = textOf(zipOf(cell), 'Linux/Sstpc/connect')
    for (const program of [connect, textOf(zipOf(cell), 'Linux/Sstpc/ip-up')])
      execFileSync('sh', ['-n'], { input: program })
    expect(connect.includes('User name: ')).toBe(isRadius)
    expect(/^name /m.test(textOf(zipOf(cell), 'Linux/Sstpc/options'))).toBe(!isRadius)
    expect(packageOf(cell)['Linux/NetworkManager/causeway-sstp.nmconnection']).toMatchObject({
      value: {
        connection: { id: 'causeway-sstp' },
        vpn: { gateway: 'vpn.example.org', 'connection-type': isRadius ? 'password' : 'tls' },
        ipv4: { 'never-default': 'true', route1: '10.1.0.0/16' },
      },
    })
  })
})
