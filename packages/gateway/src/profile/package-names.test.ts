import type { AuthenticationType } from '@causeway/api-contract'
import fc from 'fast-check'
import { unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { gatewayOfCell } from './cell.suite.ts'
import { type ReadPackage, readPackages, textOf, xmlOf } from './package-reader.suite.ts'
import { packageZip } from './package-zip.ts'

let installation: ScratchInstallation
let gateways: readonly PreparedGateway[]

beforeAll(async () => {
  installation = await scratchInstallation()
  const gateway = await preparedGateway(installation, { hostNames: ['vpn.example.org'] }, INTERFACES)
  const tunnels = ['IkeV2', 'SSTP', 'OpenVPN']
  const types: AuthenticationType[][] = [
    ['Radius', 'AAD'],
    ['Certificate', 'AAD'],
  ]
  gateways = types.map(each => gatewayOfCell(gateway, { tunnels, types: each }))
})

afterAll(() => installation.remove())

const named = (gateway: PreparedGateway, name: string): Uint8Array =>
  packageZip({ ...gateway, configuration: { ...gateway.configuration, name } }, {})

/** What leaves a string, a line, an element or a file of one of the formats. */
const HOSTILE: readonly string[] = [
  "'; Remove-Item C:\\ -Recurse; '",
  '\u2019; calc; \u2018',
  "\r\n'@\r\ncalc\r\n@'",
  '$(calc) `n $env:PATH',
  '</name><evil/>&"',
  ']]><!-- <?x ?> -->',
  '\nscript-security 2\nup /bin/sh\n',
  '</ca>\nup /bin/sh\n<ca>',
  '[vpn]\nservice-type=evil',
  '"; connections { evil { } } #',
  '../../etc/passwd',
  '\u0000\u0001\u001b[31m\u2028\ufffe',
  '\ud83d\ude80 name \ud800',
  '%s%n\\"',
  '',
  ' '.repeat(300),
]

/** Where it stands; the others do not know it. */
const NAME_FILES = /^AzureVPN\/|\.mobileconfig$|\.sswan$|\.ps1$/

/** XML 1.0 has no such characters; a reader makes any end of line one newline. */
const inXml = (name: string): string =>
  name
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/\r\n?/g, '\n')

/** The value of the script's `$name`, by PowerShell's rules, and the script without it. */
function scriptName(script: string): readonly [string, string] {
  const quote = "['\u2018\u2019\u201a\u201b]"
  const literal = new RegExp(
    `^\\$name = ${quote}((?:[^\\r\\n'\u2018-\u201b]|${quote}{2})*)${quote}\\r$`,
    'mu',
  )
  const found = literal.exec(script)
  if (!found) throw new Error('no name in the script')
  return [(found[1] ?? '').replaceAll("''", "'"), script.replace(found[0], () => '')]
}

const AZURE_NAME = '/AzVpnProfile/name'

/** Everything in an XML file but the name. */
function others(read: ReadPackage, path: string): unknown {
  return Object.entries(xmlOf(read, path)).filter(([element]) => element !== AZURE_NAME)
}

/** A package, as it is and as it is read. */
interface Given {
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly read: ReadPackage
}

const script = ({ files }: Given): string =>
  new TextDecoder().decode(files['WindowsAmd64/VpnClientSetupAmd64.ps1'])

function check(name: string, given: Given, plain: Given): void {
  const { files, read } = given
  expect(Object.keys(files), JSON.stringify(name)).toEqual(Object.keys(plain.files))
  for (const [path, bytes] of Object.entries(files))
    if (!NAME_FILES.test(path)) expect(Buffer.compare(bytes, plain.files[path] ?? Buffer.of()), path).toBe(0)
  for (const path of Object.keys(read).filter(each => each.endsWith('.xml'))) {
    expect(others(read, path)).toEqual(others(plain.read, path))
    if (path.startsWith('Azure')) expect(xmlOf(read, path)[AZURE_NAME]).toEqual([inXml(name)])
  }
  expect(read['Android/causeway.sswan']).toHaveProperty(['value', 'name'], name)
  const [text, rest] = scriptName(script(given))
  expect(text).toBe(`${name} VPN`.replaceAll(/[^\x20-\x7e]/gu, '?'))
  expect(rest).toBe(scriptName(script(plain))[1])
  const mac = read['Mac/VpnClientSetup.mobileconfig']
  if (!mac) return
  expect(mac).toHaveProperty(['value', 'PayloadDisplayName'], inXml(`${name} VPN`))
  expect(mac).toHaveProperty(['value', 'PayloadContent', 1, 'UserDefinedName'], inXml(`${name} VPN`))
}

const namedFiles = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).filter(([path]) => NAME_FILES.test(path))))

/** Python reads all of them at once. */
function checkAll(names: readonly string[]): void {
  for (const gateway of gateways) {
    const packages = ['plain', ...names].map(name => unzipSync(named(gateway, name)))
    const reads = readPackages(packages.map(namedFiles))
    const [plain, ...given] = packages.map((files, i): Given => ({ files, read: reads[i] ?? {} }))
    for (const [i, name] of names.entries()) {
      const each = given[i]
      if (!each || !plain) throw new Error('a package is missing')
      check(name, each, plain)
    }
  }
}

describe("a gateway's name", () => {
  it('is a text and nothing else, where it would leave one', () => {
    checkAll(HOSTILE)
  })

  it('is, whatever it is', () => {
    const name = fc.string({ unit: 'binary', maxLength: 60 })
    const quoting = fc.string({
      unit: fc.constantFrom(...'\'"`$<>&;\\\r\n@#{}[]=\u2018\u2019\0 a'),
      maxLength: 20,
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(name, quoting), { minLength: 12, maxLength: 12 }), names =>
        checkAll(names),
      ),
      { numRuns: 2 },
    )
  }, 20_000)
})

describe("a gateway's host name", () => {
  it.each(HOSTILE.filter(name => name !== ''))('is refused where it is none: %j', name => {
    for (const gateway of gateways)
      for (const hostNames of [[name], ['vpn.example.org', name]])
        expect(() => packageZip({ ...gateway, settings: { ...gateway.settings, hostNames } }, {})).toThrow(
          /^hostNames: .* is neither a DNS name nor an IP address; correct it$/,
        )
  })

  it.each(['10.9.0.5', '2001:db8::7', 'VPN_1.example.org'])('may be an address: %s', host => {
    for (const gateway of gateways) {
      const zip = packageZip({ ...gateway, settings: { ...gateway.settings, hostNames: [host] } }, {})
      const [read] = readPackages([zip])
      if (!read) throw new Error('a package is missing')
      expect(xmlOf(read, 'Generic/VpnSettings.xml')['/VpnProfile/VpnServer']).toEqual([host])
      expect(textOf(zip, 'OpenVPN/vpnconfig.ovpn')).toContain(`\nremote ${host} 443\n`)
    }
  })
})
