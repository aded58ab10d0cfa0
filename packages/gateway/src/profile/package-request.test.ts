import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AuthenticationType } from '@causeway/api-contract'
import {
  describeCertificate,
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
  issueRoot,
  issueSelfSigned,
} from '@causeway/x509'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { CommandError, type PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { gatewayOfCell } from './cell.suite.ts'
import { gatewayPackage } from './gateway-package.ts'
import { bytesOf, readPackage, textOf, xmlOf } from './package-reader.suite.ts'
import type { ProfilePackageRequest } from './package-request.ts'
import { packageZip } from './package-zip.ts'

const VALIDITY = { notBefore: NOW - 86_400, notAfter: NOW + 86_400_000 }

let installation: ScratchInstallation
let gateway: PreparedGateway
let radius: IssuedCertificate
let users: IssuedCertificate

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await preparedGateway(installation, { hostNames: ['vpn.example.org'] }, INTERFACES)
  radius = await issueRoot({ commonName: 'RADIUS Root', key: 'ecdsa-p256', ...VALIDITY })
  users = await issueRoot({ commonName: 'Users', key: 'ecdsa-p256', ...VALIDITY })
})

afterAll(() => installation.remove())

const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')

function cell(tunnels: string, types: string): PreparedGateway {
  return gatewayOfCell(gateway, {
    tunnels: tunnels.split(' '),
    types: types.split(' ') as AuthenticationType[],
  })
}

/** What a request is refused with. */
function refusalOf(of: PreparedGateway, request: ProfilePackageRequest): CommandError {
  try {
    packageZip(of, request)
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
  throw new Error('it is not refused')
}

describe('processorArchitecture', () => {
  it.each([
    [undefined, ['WindowsAmd64', 'WindowsX86']],
    ['Amd64', ['WindowsAmd64']],
    ['X86', ['WindowsX86']],
  ] as const)('%s: %j', (processorArchitecture, folders) => {
    const request = processorArchitecture ? { processorArchitecture } : {}
    const paths = gatewayPackage(gateway, request).map(({ path }) => path)
    const windows = paths.filter(path => path.startsWith('Windows')).map(path => path.split('/')[0])
    expect([...new Set(windows)]).toEqual(folders)
    expect(paths).toContain('OpenVPN/vpnconfig.ovpn')
  })
})

describe('names of a request', () => {
  it('are the same in any case', () => {
    const request = { processorArchitecture: 'amd64', authenticationMethod: 'EapTls' } as object
    expect(packageZip(gateway, request)).toEqual(
      packageZip(gateway, { processorArchitecture: 'Amd64', authenticationMethod: 'EAPTLS' }),
    )
  })

  it.each([
    ['processorArchitecture', 'Arm64', "is 'Arm64', which is not known; use Amd64 or X86, or leave it out"],
    ['authenticationMethod', '', "is '', which is not known; use EAPTLS or EAPMSCHAPv2, or leave it out"],
  ])('are refused where they are not known: %s', (target, value, words) => {
    expect(refusalOf(gateway, { [target]: value } as object)).toMatchObject({
      code: 'InvalidParameter',
      message: `${target} ${words}`,
      details: [{ target }],
    })
  })
})

describe('authenticationMethod', () => {
  it.each([
    ['OpenVPN', 'AAD', 'EAPTLS'],
    ['OpenVPN', 'Certificate', 'EAPTLS'],
    ['OpenVPN', 'Radius', 'EAPMSCHAPv2'],
    ['OpenVPN', 'Certificate Radius', 'EAPTLS or EAPMSCHAPv2'],
    ['OpenVPN', 'Radius AAD', 'EAPTLS or EAPMSCHAPv2'],
    ['IkeV2', 'Certificate', 'EAPTLS'],
    ['SSTP', 'Certificate', 'EAPTLS'],
    ['IkeV2 SSTP OpenVPN', 'Certificate AAD', 'EAPTLS'],
    ['IkeV2', 'Radius', 'EAPTLS or EAPMSCHAPv2'],
    ['SSTP', 'Radius', 'EAPTLS or EAPMSCHAPv2'],
    ['IkeV2 OpenVPN', 'Radius AAD', 'EAPTLS or EAPMSCHAPv2'],
  ])('%s with %s: %s', (tunnels, types, allowed) => {
    for (const authenticationMethod of ['EAPTLS', 'EAPMSCHAPv2'] as const) {
      const of = cell(tunnels, types)
      const request = { authenticationMethod, radiusServerAuthCertificate: base64(radius.certificate) }
      if (allowed.split(' or ').includes(authenticationMethod)) {
        expect(gatewayPackage(of, request).length).toBeGreaterThan(0)
        continue
      }
      const names = of.resource.properties.vpnClientConfiguration?.vpnAuthenticationTypes?.join(', ')
      const message =
        `authenticationMethod is ${authenticationMethod}, which the gateway's vpnAuthenticationTypes (${names}) ` +
        `cannot do; use ${allowed}, or leave it out`
      expect(refusalOf(of, request)).toMatchObject({
        code: 'InvalidParameter',
        message,
        details: [{ code: 'InvalidParameter', message, target: 'authenticationMethod' }],
      })
    }
  })

  it('changes nothing where it is what the gateway does anyway', () => {
    expect(packageZip(cell('IkeV2 SSTP OpenVPN', 'Radius'), { authenticationMethod: 'EAPMSCHAPv2' })).toEqual(
      packageZip(cell('IkeV2 SSTP OpenVPN', 'Radius'), {}),
    )
    expect(packageZip(gateway, { authenticationMethod: 'EAPTLS' })).toEqual(packageZip(gateway, {}))
  })
})

describe('EAP-TLS with a RADIUS server', () => {
  const zipOf = (): Uint8Array =>
    packageZip(cell('IkeV2 SSTP OpenVPN', 'Radius'), {
      authenticationMethod: 'EAPTLS',
      radiusServerAuthCertificate: base64(radius.certificate),
      clientRootCertificates: [base64(users.certificate)],
    })
  const pairs = (der: Uint8Array): string =>
    describeCertificate(der).thumbprint.toLowerCase().match(/../g)?.join(' ') ?? ''

  it('has Windows check that server, and show certificates of those roots', () => {
    const zip = zipOf()
    const texts = xmlOf(readPackage(zip), 'WindowsAmd64/ProfileXML.xml')
    const eap = '/VPNProfile/NativeProfile/Authentication/Eap/Configuration/EapHostConfig'
    const method = `${eap}/Config/Eap/EapType`
    expect(texts).toMatchObject({
      [`${eap}/EapMethod/Type`]: ['13'],
      [`${method}/ServerValidation/ServerNames`]: [''],
      [`${method}/ServerValidation/TrustedRootCA`]: [pairs(radius.certificate)],
      [`${method}/AcceptServerName`]: ['false'],
      [`${method}/TLSExtensions/FilteringInfo/CAHashList/IssuerHash`]: [pairs(users.certificate)],
    })
    expect(bytesOf(zip, 'WindowsAmd64/radius.cer')).toEqual(radius.certificate)
    const script = textOf(zip, 'WindowsX86/VpnClientSetupX86.ps1')
    expect(script).toContain("(Join-Path $PSScriptRoot 'radius.cer')")
    expect(script).toContain(`<TrustedRootCA>${pairs(radius.certificate)}</TrustedRootCA>`)
  })

  it('shows certificates of every root where none is named', () => {
    const zip = packageZip(cell('IkeV2', 'Radius'), {
      authenticationMethod: 'EAPTLS',
      radiusServerAuthCertificate: base64(radius.certificate),
    })
    expect(textOf(zip, 'WindowsAmd64/ProfileXML.xml')).not.toContain('CAHashList')
  })

  it('knows a server without an authority by its name', async () => {
    const own = await issueSelfSigned({ subject: 'CN=nps.<corp>.example', key: 'ecdsa-p256', ...VALIDITY })
    const zip = packageZip(cell('SSTP', 'Radius'), {
      authenticationMethod: 'EAPTLS',
      radiusServerAuthCertificate: base64(own.certificate),
    })
    const texts = xmlOf(readPackage(zip), 'WindowsAmd64/ProfileXML.xml')
    const names = Object.entries(texts).find(([path]) => path.endsWith('/ServerNames'))
    expect(names?.[1]).toEqual(['nps.<corp>.example'])
  })

  it('tells generic programs of both roots, and of those of the users', () => {
    const zip = zipOf()
    expect(xmlOf(readPackage(zip), 'Generic/VpnSettings.xml')).toMatchObject({
      '/VpnProfile/Auth': ['EapTls'],
      '/VpnProfile/CaCerts/string': [base64(gateway.server.root), base64(radius.certificate)],
    })
    expect(bytesOf(zip, 'Generic/VpnClientRoot.cer_0')).toEqual(users.certificate)
  })

  it("has no profile for Apple's systems, which take no certificate that is not in it", () => {
    expect(Object.keys(unzipSync(zipOf())).filter(path => path.startsWith('Mac/'))).toEqual([])
  })

  it('has Linux and Android do EAP-TLS to that server', () => {
    const zip = zipOf()
    const read = readPackage(zip)
    const pem = formatPem(radius.certificate)
    expect(textOf(zip, 'Linux/StrongSwan/conf.d/causeway.conf')).toContain(
      'auth = eap-tls\n      certs = "client.pem"\n    }\n',
    )
    expect(textOf(zip, 'Linux/StrongSwan/x509ca/causeway-radius.pem')).toBe(pem)
    expect(textOf(zip, 'Linux/NetworkManager/causeway/radius-ca.pem')).toBe(pem)
    expect(textOf(zip, 'Linux/Sstpc/radius-ca.pem')).toBe(pem)
    expect(read['Android/causeway.sswan']).toMatchObject({ value: { type: 'ikev2-eap-tls', local: {} } })
    expect(read['Linux/NetworkManager/causeway.nmconnection']).toMatchObject({
      value: { vpn: { method: 'eap-tls', usercert: '/etc/NetworkManager/causeway/client.pem' } },
    })
    const sstp = read['Linux/NetworkManager/causeway-sstp.nmconnection']
    expect(sstp).toMatchObject({
      value: { vpn: { 'tls-ca-cert': '/etc/NetworkManager/causeway/radius-ca.pem' } },
    })
    expect(sstp).not.toHaveProperty(['value', 'vpn', 'tls-remotename'])
    expect(textOf(zip, 'Linux/Sstpc/options')).not.toContain('remotename')
  })

  it('leaves OpenVPN, which has no EAP, with name and password', () => {
    expect(textOf(zipOf(), 'OpenVPN/vpnconfig.ovpn')).toContain('\nauth-user-pass\n')
  })

  it('is refused without the root of that server', () => {
    expect(refusalOf(cell('IkeV2', 'Radius'), { authenticationMethod: 'EAPTLS' })).toMatchObject({
      code: 'InvalidParameter',
      message:
        'radiusServerAuthCertificate is missing; give the root of the RADIUS server, which clients check in EAPTLS, ' +
        'or ask for EAPMSCHAPv2',
      details: [{ target: 'radiusServerAuthCertificate' }],
    })
  })
})

describe('certificates of a request', () => {
  it('are read in every form that Azure takes', () => {
    const pem = formatPem(users.certificate)
    for (const text of [base64(users.certificate), pem, Buffer.from(pem).toString('base64')]) {
      const files = unzipSync(packageZip(gateway, { clientRootCertificates: [text] }))
      expect(files['Generic/VpnClientRoot.cer_0']).toEqual(users.certificate)
    }
  })

  it('have no place in a package without Generic', () => {
    const of = cell('SSTP', 'Certificate')
    const request = { clientRootCertificates: [base64(users.certificate)] }
    expect(packageZip(of, request)).toEqual(packageZip(of, {}))
  })

  it('are refused, by target, where they are none', async () => {
    const leaf = await issueClientCertificate(radius, { commonName: 'nps', key: 'ecdsa-p256', ...VALIDITY })
    const two = formatPem(users.certificate) + formatPem(radius.certificate)
    const refusals: readonly (readonly [ProfilePackageRequest, string, RegExp])[] = [
      [
        { radiusServerAuthCertificate: 'AAAA' },
        'radiusServerAuthCertificate',
        /is no certificate: .*; give one/,
      ],
      [{ radiusServerAuthCertificate: '' }, 'radiusServerAuthCertificate', /is no certificate: .*; give one/],
      [
        { radiusServerAuthCertificate: base64(leaf.certificate) },
        'radiusServerAuthCertificate',
        /is not a root: CN=RADIUS Root issued it; give the root/,
      ],
      [{ clientRootCertificates: [two] }, 'clientRootCertificates[0]', /holds 2 certificates; give one/],
      [
        { clientRootCertificates: [base64(users.certificate), leaf.privateKey] },
        'clientRootCertificates[1]',
        /private key/,
      ],
    ]
    for (const [request, target, words] of refusals) {
      const refusal = refusalOf(gateway, request)
      expect(refusal).toMatchObject({ code: 'InvalidParameter', details: [{ target }] })
      expect(refusal.message).toMatch(words)
      expect(refusal.message.startsWith(`${target} `)).toBe(true)
      expect(refusal.message).not.toContain('\n')
    }
  })
})

describe('a gateway that has no package', () => {
  it('has no point-to-site configuration', () => {
    const { vpnClientConfiguration: _, ...properties } = gateway.resource.properties
    const without = { ...gateway, resource: { ...gateway.resource, properties } }
    const empty = { ...gateway, configuration: { ...gateway.configuration, tunnels: new Set<never>() } }
    for (const each of [without, empty])
      expect(refusalOf(each, {})).toMatchObject({
        code: 'Conflict',
        message:
          'the gateway has no point-to-site configuration; add vpnClientConfiguration, with a pool, tunnel types ' +
          'and what clients sign in by',
      })
  })

  it('does not know how clients reach it', () => {
    const refusal = refusalOf({ ...gateway, settings: { ...gateway.settings, hostNames: [] } }, {})
    expect(refusal.code).toBe('Conflict')
    expect(refusal.message).toMatch(/^it is not known how clients reach this gateway; give .* hostNames /)
  })
})

describe('the zip', () => {
  it('is the same bytes each time, and says what is a program', () => {
    const of = cell('IkeV2 SSTP OpenVPN', 'Radius AAD')
    const zip = packageZip(of, {})
    expect(packageZip(of, {})).toEqual(zip)
    const script =
      'import sys,io,json,zipfile;z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()));' +
      'print(json.dumps([[i.filename,i.external_attr>>16,list(i.date_time)] for i in z.infolist()]))'
    const output = execFileSync('python3', ['-c', script], { input: zip, encoding: 'utf8' })
    const entries = JSON.parse(output) as [string, number, number[]][]
    const paths = entries.map(([path]) => path)
    expect(paths).toEqual(paths.toSorted())
    for (const [path, mode, time] of entries) {
      expect(mode, path).toBe(/Sstpc\/(connect|ip-up)$/.test(path) ? 0o100755 : 0o100644)
      expect(time).toEqual([1980, 1, 1, 0, 0, 0])
    }
  })

  it('does not depend on where the gateway is', () => {
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('TZ', 'UTC')
    const zip = packageZip(gateway, {})
    vi.stubEnv('TZ', 'Asia/Bangkok')
    expect(packageZip(gateway, {})).toEqual(zip)
  })
})

describe('Sstpc/connect of everybody', () => {
  it.each([
    ['EAPMSCHAPv2', 'it"s \\me'],
    ['EAPTLS', 'CORP\\anna'],
  ] as const)('asks who the user is: %s', async (authenticationMethod, user) => {
    const folder = await mkdtemp(join(tmpdir(), 'sstpc '))
    onTestFinished(() => rm(folder, { recursive: true }))
    const request = { authenticationMethod, radiusServerAuthCertificate: base64(radius.certificate) }
    const files = gatewayPackage(cell('SSTP', 'Radius'), request)
    for (const { path, content, executable } of files.filter(each => each.path.startsWith('Linux/Sstpc/'))) {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, content)
      await chmod(target, executable ? 0o700 : 0o600)
    }
    await writeFile(join(folder, 'sstpc'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o700 })
    await writeFile(join(folder, 'mkdir'), '#!/bin/sh\n', { mode: 0o700 })
    const { PATH = '' } = process.env
    const output = execFileSync(join(folder, 'Linux/Sstpc/connect'), ['debug'], {
      env: { PATH: `${folder}:${PATH}`, TMPDIR: folder },
      encoding: 'utf8',
      input: `${user}\nsecret\n`,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const args = output.trimEnd().split('\n')
    expect(args.slice(-3)).toEqual(['name', user, 'debug'])
    expect(args).not.toContain('secret')
  })
})
