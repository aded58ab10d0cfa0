import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  type GatewaySettings,
  judgeAuthentication,
  servedClients,
} from '@causeway/api-contract'
import { audienceRows } from '@causeway/entra'
import { formatPem, issueClientCertificate, issueRoot } from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Change, type Clients, configurationOf, faultsOf } from './documents.suite.ts'

const VALIDITY = { notBefore: 1_700_000_000, notAfter: 2_000_000_000, key: 'ecdsa-p256' } as const
const P2S = 'properties.vpnClientConfiguration'
const TENANT = '11111111-2222-3333-4444-555555555555'
const OTHER_TENANT = '99999999-2222-3333-4444-555555555555'
const SECRET = 'Wombat-7-secret'

const ENTRA = {
  aadTenant: `https://login.microsoftonline.com/${TENANT}/`,
  aadIssuer: `https://sts.windows.net/${TENANT}/`,
  aadAudience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
} as const
const RADIUS = { radiusServers: [{ radiusServerAddress: '10.1.0.9', radiusServerSecret: SECRET }] }

let rootPem: string
let leafPem: string
let roots: Pick<Clients, 'vpnClientRootCertificates'>

beforeAll(async () => {
  const root = await issueRoot({ commonName: 'Root', ...VALIDITY })
  const leaf = await issueClientCertificate(root, { commonName: 'leaf', ...VALIDITY })
  rootPem = formatPem(root.certificate)
  leafPem = formatPem(leaf.certificate)
  roots = { vpnClientRootCertificates: [{ name: 'root', properties: { publicCertData: rootPem } }] }
})

/** Everything that the types need, and nothing that they do not. */
function gateway(tunnels: readonly ClientProtocol[], types: readonly AuthenticationType[]): Change {
  return {
    clients: {
      vpnClientProtocols: [...tunnels],
      vpnAuthenticationTypes: [...types],
      ...(types.includes('Certificate') && roots),
      ...(types.includes('Radius') && RADIUS),
      ...(types.includes('AAD') && ENTRA),
    },
  }
}

const openvpn = (types: AuthenticationType[], clients: Partial<Clients> = {}): Change => ({
  clients: { ...gateway(['OpenVPN'], types).clients, ...clients },
})
const radius = (clients: Partial<Clients> = {}): Change => openvpn(['Radius'], clients)
const entra = (clients: Partial<Clients> = {}): Change => openvpn(['AAD'], clients)
const servers = (...radiusServers: NonNullable<Clients['radiusServers']>): Change => radius({ radiusServers })

function subsets<Name>(names: readonly Name[]): Name[][] {
  const masks = Array.from({ length: 2 ** names.length - 1 }, (_, i) => i + 1)
  return masks.map(mask => names.filter((_, i) => (mask >> i) & 1))
}

describe('the table of authentication mechanisms', () => {
  const cells = subsets(CLIENT_PROTOCOLS).flatMap(tunnels =>
    subsets(AUTHENTICATION_TYPES).map(types => {
      const verdict = judgeAuthentication(new Set(tunnels), new Set(types))
      return [verdict.type, tunnels.join(' '), types.join(' '), { tunnels, types, verdict }] as const
    }),
  )

  it.each(cells)('%s: %s with %s', (_word, _tunnels, _types, { tunnels, types, verdict }) => {
    const change = gateway(tunnels, types)
    if (verdict.type === 'refused') {
      const { problem, remedy } = verdict
      expect(faultsOf(change)).toEqual([`gateway: ${P2S}.vpnAuthenticationTypes: ${problem}; ${remedy}`])
      return
    }
    const { authentication, radius: hasRadius, entra: hasEntra } = configurationOf(change)
    expect(authentication).toEqual(verdict.methods)
    expect({ radius: hasRadius !== undefined, entra: hasEntra !== undefined }).toEqual({
      radius: types.includes('Radius'),
      entra: types.includes('AAD'),
    })
    expect(servedClients(authentication).length).toBeGreaterThan(0)
  })

  it('takes its names in any case and any order, and each once', () => {
    const change = { ...gateway(['IkeV2', 'OpenVPN'], ['Certificate', 'AAD']).clients }
    const vpnAuthenticationTypes = ['aad', 'CERTIFICATE', 'AAD']
    const { authentication } = configurationOf({ clients: { ...change, vpnAuthenticationTypes } })
    expect([...(authentication.get('OpenVPN') ?? [])]).toEqual(['AAD', 'Certificate'])
    expect([...(authentication.get('IkeV2') ?? [])]).toEqual(['Certificate'])
  })

  it('needs roots for certificates alone', () => {
    expect(configurationOf(radius()).certificateAuthentication.roots).toEqual([])
    // A root that was left in the document is trusted for nothing.
    expect(configurationOf(radius(roots)).certificateAuthentication.roots).toEqual([])
    const change = openvpn(['Radius', 'Certificate'], { vpnClientRootCertificates: [] })
    expect(faultsOf(change)).toEqual([
      `gateway: ${P2S}.vpnClientRootCertificates: is empty; add the root certificate of your clients`,
    ])
  })

  it('has no RADIUS with the Basic SKU', () => {
    expect(faultsOf({ ...gateway(['SSTP'], ['Radius']), sku: { name: 'Basic' } })).toEqual([
      'gateway: properties.sku.name: Basic has no RADIUS; use VpnGw1 or above, or Unlimited',
    ])
    expect(faultsOf({ ...gateway(['SSTP'], ['Certificate']), sku: { name: 'Basic' } })).toEqual([])
  })
})

describe('RADIUS servers', () => {
  const text = (secret: Uint8Array | undefined): string => new TextDecoder().decode(secret)

  it('have the defaults of the specifications', () => {
    const { radius: read } = configurationOf(radius())
    expect(read).toEqual({
      servers: [
        {
          host: '10.1.0.9',
          score: 30,
          secret: new TextEncoder().encode(SECRET),
          transport: 'udp',
          authenticationPort: 1812,
          accountingPort: 1813,
          requireMessageAuthenticator: true,
        },
      ],
      timeoutSeconds: 30,
      nasIdentifier: 'gw',
      passwordProtocol: 'pap',
      accounting: { on: false, interimSeconds: 0, everySession: false },
    })
  })

  it('are asked by their scores', () => {
    const change = servers(
      { radiusServerAddress: '10.1.0.1', radiusServerScore: 5, radiusServerSecret: 'a' },
      { radiusServerAddress: 'NPS.corp.test', radiusServerScore: 20, radiusServerSecret: 'b' },
      { radiusServerAddress: 'fd00::0:9', radiusServerScore: 5, radiusServerSecret: 'c' },
    )
    const hosts = configurationOf(change).radius?.servers.map(({ host, secret }) => `${host} ${text(secret)}`)
    expect(hosts).toEqual(['nps.corp.test b', '10.1.0.1 a', 'fd00::9 c'])
  })

  it('may be one alone, in the older properties, which the list overrides', () => {
    const alone = { radiusServerAddress: '10.1.0.7', radiusServerSecret: 'old', radiusServers: [] }
    const hosts = (clients: Partial<Clients>) =>
      configurationOf(radius(clients)).radius?.servers.map(({ host, secret }) => `${host} ${text(secret)}`)
    expect(hosts(alone)).toEqual(['10.1.0.7 old'])
    const same = { radiusServerAddress: '10.1.0.7', radiusServerSecret: 'new', radiusServerScore: 3 }
    expect(hosts({ ...alone, radiusServers: [same] })).toEqual(['10.1.0.7 new'])
    const other = { ...same, radiusServerAddress: '10.1.0.8' }
    expect(hosts({ ...alone, radiusServers: [other] })).toEqual(['10.1.0.7 old', '10.1.0.8 new'])
  })

  it('may be reached by TLS, and then need no secret', () => {
    const authority = rootPem
    const settings: GatewaySettings = {
      radius: {
        servers: [{ address: 'NPS.corp.test', transport: 'tls', authority }],
      },
    }
    const read = configurationOf(servers({ radiusServerAddress: 'nps.corp.test' }), settings).radius
    expect(read?.servers[0]).toMatchObject({ authenticationPort: 2083, accountingPort: 2083, authority })
    expect(text(read?.servers[0]?.secret)).toBe('radsec')
  })

  it('may hear of all sessions, and be heard', () => {
    const settings: GatewaySettings = {
      radius: {
        accounting: true,
        accountEverySession: true,
        interimSeconds: 300,
        nasIdentifier: 'edge',
        dynamicAuthorization: {},
      },
    }
    expect(configurationOf(radius(), settings).radius).toMatchObject({
      nasIdentifier: 'edge',
      accounting: { on: true, interimSeconds: 300, everySession: true },
      dynamicAuthorization: { port: 3799 },
    })
  })

  const at = `gateway: ${P2S}.radiusServers`
  it.each<[string, Change, GatewaySettings, string]>([
    ['none', servers(), {}, `${at}: is empty; add a RADIUS server, or take Radius out of`],
    [
      'no secret',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerSecret: '' }),
      {},
      `${at}[0].radiusServerSecret: is missing for 10.1.0.1; give the secret that the server has for`,
    ],
    [
      'no secret of the only one',
      radius({ radiusServers: [], radiusServerAddress: '10.1.0.1' }),
      {},
      `gateway: ${P2S}.radiusServerSecret: is missing for 10.1.0.1`,
    ],
    [
      'a secret as it is shown',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerSecret: '[secret]' }),
      {},
      `${at}[0].radiusServerSecret: is only what secrets are shown as; give the secret itself`,
    ],
    [
      'a secret that is a number',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerSecret: 77_123 as unknown as string }),
      {},
      `${at}[0].radiusServerSecret: [secret] is not a string; give a string`,
    ],
    [
      'a secret out of bounds',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerSecret: SECRET.repeat(200) }),
      {},
      `${at}[0].radiusServerSecret: [secret] is out of bounds`,
    ],
    [
      'no address',
      servers({ radiusServerAddress: 'a b', radiusServerSecret: SECRET }),
      {},
      `${at}[0].radiusServerAddress: 'a b' is neither an IP address nor a DNS name`,
    ],
    [
      'a score',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerScore: 31, radiusServerSecret: SECRET }),
      {},
      `${at}[0].radiusServerScore: 31 is out of bounds; give 1 to 30`,
    ],
    [
      'no score',
      servers({ radiusServerAddress: '10.1.0.1', radiusServerScore: 0, radiusServerSecret: SECRET }),
      {},
      `${at}[0].radiusServerScore: 0 is out of bounds`,
    ],
    [
      'one twice',
      servers(
        { radiusServerAddress: 'fd00::1', radiusServerSecret: SECRET },
        { radiusServerAddress: 'FD00::0:1', radiusServerSecret: SECRET },
      ),
      {},
      `${at}[1].radiusServerAddress: 'fd00::1' is listed twice; take one out`,
    ],
    [
      'too many',
      servers(
        ...Array.from({ length: 17 }, (_, i) => ({
          radiusServerAddress: `10.1.0.${i + 1}`,
          radiusServerSecret: SECRET,
        })),
      ),
      {},
      `${at}: holds 17 servers; give at most 16`,
    ],
    [
      'settings of no server',
      radius(),
      { radius: { servers: [{ address: '10.9.9.9' }] } },
      "settings: radius.servers[0].address: '10.9.9.9' is no RADIUS server of the gateway; use one of 10.1.0.9",
    ],
    [
      'settings twice',
      radius(),
      { radius: { servers: [{ address: '10.1.0.9' }, { address: '10.1.0.9' }] } },
      "settings: radius.servers[1].address: '10.1.0.9' is listed twice",
    ],
    [
      'a rare report',
      radius(),
      { radius: { accounting: true, interimSeconds: 30 } },
      'settings: radius.interimSeconds: 30 is too often; give 60 or more, or 0 to leave it to the server',
    ],
    [
      'reports that nobody asked for',
      radius(),
      { radius: { interimSeconds: 600 } },
      'settings: radius.interimSeconds: is of no use without accounting; set radius.accounting to true',
    ],
    [
      'reports of all that nobody asked for',
      radius(),
      { radius: { accountEverySession: true } },
      'settings: radius.accountEverySession: is of no use without accounting; set radius.accounting to true',
    ],
    [
      'requests that nobody may send',
      radius(),
      { radius: { dynamicAuthorization: {}, servers: [{ address: '10.1.0.9', transport: 'tls' }] } },
      'settings: radius.dynamicAuthorization: needs a server with transport udp; take it out',
    ],
    [
      'a long name',
      radius(),
      { radius: { nasIdentifier: 'ü'.repeat(200) } },
      'settings: radius.nasIdentifier: ',
    ],
  ])('are refused with %s', (_name, change, settings, line) => {
    const lines = faultsOf(change, settings)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(line)
    expect(lines[0]).not.toContain(SECRET)
  })

  it('want an authority of TLS, and a whole one', () => {
    const lines = (server: object) =>
      faultsOf(radius(), { radius: { servers: [{ address: '10.1.0.9', ...server }] } })
    expect(lines({ authority: rootPem })).toEqual([
      'settings: radius.servers[0].authority: is of no use over UDP; take it out, or set transport to tls',
    ])
    expect(lines({ transport: 'tls', authority: leafPem })[0]).toContain('a certificate that is no authority')
    expect(lines({ transport: 'tls', authority: 'PEM' })[0]).toContain('authority: is broken: ')
  })

  it('are not looked at where RADIUS is not configured', () => {
    const clients = { radiusServers: [{ radiusServerAddress: '?' }], aadIssuer: 'me' }
    expect(faultsOf(openvpn(['Certificate'], clients))).toEqual([])
  })
})

describe('Entra ID', () => {
  it('has the tenant of the resource', () => {
    expect(configurationOf(entra()).entra).toEqual({
      authority: `https://login.microsoftonline.com/${TENANT}`,
      tenantId: TENANT,
      issuer: ENTRA.aadIssuer,
      audience: ENTRA.aadAudience,
      audiences: [ENTRA.aadAudience],
      signInAt: {
        authority: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      },
      sessionSecondsPastExpiry: 28_800,
    })
  })

  it('takes further audiences and another authority from the settings', () => {
    const read = configurationOf(entra(), {
      entra: {
        authority: 'https://login.test/t',
        additionalAudiences: [`api://${OTHER_TENANT}`],
        sessionSecondsPastExpiry: 0,
        httpsAuthority: rootPem,
      },
    }).entra
    expect(read).toMatchObject({
      authority: 'https://login.test/t',
      audiences: [ENTRA.aadAudience, OTHER_TENANT, `api://${OTHER_TENANT}`],
      sessionSecondsPastExpiry: 0,
      httpsAuthority: rootPem,
    })
  })

  it.each(audienceRows.map(row => [row.registration, row.cloud ?? 'any cloud', row.audience] as const))(
    'takes the audience of the row %s, %s, in its own cloud alone',
    (_registration, cloud, audience = OTHER_TENANT) => {
      const hosts = {
        AzurePublic: ['login.microsoftonline.com', 'sts.windows.net'],
        AzureGovernment: ['login.microsoftonline.us', 'sts.windows.net'],
        AzureGermany: ['login.microsoftonline.de', 'sts.microsoftonline.de'],
        AzureChina: ['login.chinacloudapi.cn', 'sts.chinacloudapi.cn'],
      }
      for (const [name, [login, sts]] of Object.entries(hosts)) {
        const lines = faultsOf(
          entra({
            aadTenant: `https://${login}/${TENANT}`,
            aadIssuer: `https://${sts}/${TENANT}/`,
            aadAudience: audience,
          }),
        )
        const isRight = cloud === 'any cloud' || cloud === name
        expect(lines).toEqual(isRight ? [] : [expect.stringContaining(`${P2S}.aadAudience: audience `)])
      }
    },
  )

  it.each<[string, Change, GatewaySettings, string]>([
    [
      'an issuer without its slash',
      entra({ aadIssuer: ENTRA.aadIssuer.slice(0, -1) }),
      {},
      `gateway: ${P2S}.aadIssuer: "${ENTRA.aadIssuer.slice(0, -1)}" is not the issuer of this tenant in Azure Public: ` +
        `${ENTRA.aadIssuer} (the slash at the end is missing); give https://sts.windows.net/{tenant id}/, with the slash at its end`,
    ],
    [
      'the issuer of another tenant',
      entra({ aadIssuer: `https://sts.windows.net/${OTHER_TENANT}/` }),
      {},
      `is not the issuer of this tenant in Azure Public: ${ENTRA.aadIssuer}; `,
    ],
    ['no issuer', entra({ aadIssuer: '' }), {}, `gateway: ${P2S}.aadIssuer: is missing; give https://sts.`],
    [
      'no audience',
      entra({ aadAudience: '' }),
      {},
      `gateway: ${P2S}.aadAudience: is missing; give the App ID`,
    ],
    [
      'another audience',
      entra({ aadAudience: 'vpn' }),
      {},
      `gateway: ${P2S}.aadAudience: "vpn" is no audience: it is an App ID (a GUID) or an App ID URI (api://…)`,
    ],
    [
      'the tenant common',
      entra({ aadTenant: 'https://login.microsoftonline.com/common' }),
      {},
      'does not end in the id of the tenant, a GUID; give the URL of your tenant',
    ],
    [
      'a further audience',
      entra(),
      { entra: { additionalAudiences: ['vpn'] } },
      'settings: entra.additionalAudiences: ',
    ],
    [
      'an authority',
      entra(),
      { entra: { authority: 'http://login.test/' } },
      'settings: entra.authority: is not a plain https URL',
    ],
    [
      'an HTTPS authority',
      entra(),
      { entra: { httpsAuthority: 'x' } },
      'settings: entra.httpsAuthority: is broken: ',
    ],
  ])('is refused with %s', (_name, change, settings, line) => {
    const lines = faultsOf(change, settings)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(line)
  })

  it('says which of all three are missing', () => {
    const lines = faultsOf(entra({ aadTenant: '', aadIssuer: '', aadAudience: '' }))
    expect(lines).toHaveLength(3)
    expect(lines.filter(line => !line.includes(': is missing; give '))).toEqual([])
  })
})
