import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { parsePkcs12 } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { configurationOf, type PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { addClient } from './add-client.ts'

let installation: ScratchInstallation
let gateway: PreparedGateway
let files: readonly string[]
let read: (file: string) => Promise<string>
let directory: string

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await preparedGateway(
    installation,
    { hostNames: ['vpn.example.org', '10.9.0.5'], insidePrefixes: ['10.1.0.0/16'] },
    INTERFACES,
  )
  const client = await addClient(installation, gateway, { name: 'anna', keyType: 'rsa-2048' })
  ;({ files, directory } = client)
  read = file => readFile(join(directory, file), 'utf8')
})

afterAll(() => installation.remove())

/** A client of the same gateway with another `vpnClientConfiguration` and other settings. */
async function addClientOf(
  name: string,
  clients: NonNullable<VirtualNetworkGateway['properties']['vpnClientConfiguration']>,
  settings: GatewaySettings = {},
) {
  const { properties } = gateway.resource
  const vpnClientConfiguration = { ...properties.vpnClientConfiguration, ...clients }
  const documents = {
    ...gateway,
    resource: { ...gateway.resource, properties: { ...properties, vpnClientConfiguration } },
    settings: { ...gateway.settings, ...settings },
  }
  const other = { ...documents, configuration: configurationOf(documents) }
  const client = await addClient(installation, other, { name, keyType: 'ecdsa-p256' })
  const readFrom = (file: string): Promise<string> => readFile(join(client.directory, file), 'utf8')
  return { ...client, read: readFrom }
}

const serverName = () => `${gateway.resource.properties.resourceGuid}.vpn.causeway.internal`

describe('the package of an IKEv2 client', () => {
  it('has a file for each kind of client', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'Generic/VpnSettings.xml',
        'Generic/VpnServerRoot.cer',
        'Windows/VpnClientSetup.ps1',
        'Windows/ProfileXML.xml',
        'Mac/VpnClientSetup.mobileconfig',
        'StrongSwan/conf.d/causeway.conf',
        'StrongSwan/private/anna.pem',
        'Android/anna.sswan',
        'NetworkManager/anna.nmconnection',
      ]),
    )
  })

  it('leaves out what the gateway does not serve', async () => {
    const client = await addClientOf('otto', { vpnClientProtocols: ['OpenVPN'] })
    expect(
      client.files.filter(file => !/^(OpenVPN\/|AzureVPN\/|Generic\/VpnServerRoot|ca.pem|otto)/.test(file)),
    ).toEqual([])
  })

  it('tells generic clients where the gateway is and what lies behind it', async () => {
    const text = await read('Generic/VpnSettings.xml')
    const value = (element: string) => new RegExp(`<${element}>(.*)</${element}>`).exec(text)?.[1]
    expect(value('VpnServer')).toBe('vpn.example.org')
    expect(value('VpnType')).toBe('IkeV2')
    expect(value('Routes')).toBe('10.1.0.0/16')
  })

  it('is a property list with a certificate that opens by the password beside it', async () => {
    const plist = await read('Mac/VpnClientSetup.mobileconfig')
    const script =
      'import plistlib,sys,json,base64;print(json.dumps(plistlib.loads(sys.stdin.buffer.read()),default=lambda b:base64.b64encode(b).decode()))'
    const profile = JSON.parse(execFileSync('python3', ['-c', script], { input: plist, encoding: 'utf8' }))
    const [root, certificate, vpn] = profile.PayloadContent
    expect(Buffer.from(root.PayloadContent, 'base64')).toEqual(
      await readFile(join(directory, 'Generic/VpnServerRoot.cer')),
    )
    const password = (await read('anna.p12.password')).trim()
    const bundle = parsePkcs12(Buffer.from(certificate.PayloadContent, 'base64'), password)
    expect(bundle.chain).toHaveLength(1)
    expect(vpn.IKEv2).toMatchObject({
      RemoteAddress: 'vpn.example.org',
      RemoteIdentifier: serverName(),
      LocalIdentifier: 'anna',
      PayloadCertificateUUID: certificate.PayloadUUID,
      CertificateType: 'RSA',
      EnablePFS: 0,
      IKESecurityAssociationParameters: {
        EncryptionAlgorithm: 'AES-256-GCM',
        IntegrityAlgorithm: 'SHA2-384',
        DiffieHellmanGroup: 20,
      },
    })
  })

  it('sets Windows to the best that both know, in plain ASCII', async () => {
    const script = await read('Windows/VpnClientSetup.ps1')
    expect(script).toMatch(/^[\t\r\n\x20-\x7e]*$/)
    const command = script.replaceAll(/`\r\n\s*/g, '')
    expect(command).toContain(
      '-EncryptionMethod GCMAES256 -IntegrityCheckMethod SHA384 -DHGroup ECP384 ' +
        '-CipherTransformConstants GCMAES256 -AuthenticationTransformConstants GCMAES256 -PfsGroup None -Force',
    )
    expect(command).toContain("@('10.1.0.0/16')")
    const xml = await read('Windows/ProfileXML.xml')
    execFileSync('python3', ['-c', 'import sys,xml.dom.minidom as m;m.parse(sys.stdin)'], { input: xml })
    expect(xml).toContain('<DHGroup>ECP384</DHGroup>')
    expect(xml).toContain(`<ServerNames>${serverName()}</ServerNames>`)
  })

  it("gives strongSwan every row of the gateway's policies", async () => {
    const conf = await read('StrongSwan/conf.d/causeway.conf')
    expect(conf).toContain('proposals = aes256gcm16-prfsha384-modp2048s256, ')
    expect(conf).toContain('aes256-sha256-prfsha256-modp1024\n')
    expect(conf).toContain('esp_proposals = aes256gcm16, aes256gcm16-modp2048s256, ')
    expect(conf).toContain(`id = "${serverName()}"`)
  })

  it('gives Android one file with everything in it', async () => {
    const profile = JSON.parse(await read('Android/anna.sswan'))
    expect(profile).toMatchObject({
      type: 'ikev2-cert',
      remote: { addr: 'vpn.example.org', id: serverName() },
      'ike-proposal': 'aes256gcm16-prfsha384-ecp384',
      'split-tunneling': { subnets: '10.1.0.0/16' },
    })
    const password = (await read('anna.p12.password')).trim()
    expect(parsePkcs12(Buffer.from(profile.local.p12, 'base64'), password).privateKey).toContain(
      'PRIVATE KEY',
    )
  })
})

describe('the package of a Windows client', () => {
  const unfold = (script: string): string => script.replaceAll(/`\r\n\s*/g, '')

  it('tries IKEv2, and then SSTP', async () => {
    const script = unfold(await read('Windows/VpnClientSetup.ps1'))
    expect(script).toContain('-TunnelType Ikev2 ')
    expect(script).toMatch(/\[regex\]::Replace\(\$entries, \$strategy, '\$\{1\}14'\)/)
    expect(script).toContain('-Name NoCertRevocationCheck -PropertyType DWord -Value 1')
    const types = [...(await read('Windows/ProfileXML.xml')).matchAll(/<Type>(\w+)<\/Type>/g)]
    expect(types.map(([, type]) => type).slice(0, 2)).toEqual(['Ikev2', 'Sstp'])
  })

  it('changes the strategy of its own entry of the phone book, and of no other', async () => {
    const script = await read('Windows/VpnClientSetup.ps1')
    const parts = /\$strategy = '\(\?ms\)(.*)' \+ \[regex\]::Escape\(\$name\) \+ '(.*)'\r$/m.exec(script)
    const pattern = new RegExp(`${parts?.[1]}causeway VPN${parts?.[2]}`, 'ms')
    const entry = (name: string, strategy: number) =>
      `[${name}]\r\nEncoding=1\r\nVpnStrategy=${strategy}\r\nLines=[1]\r\n\r\n`
    const book = entry('other', 7) + entry('causeway VPN', 7) + entry('causeway VPN 2', 5)
    expect(book.replace(pattern, '$114')).toBe(
      entry('other', 7) + entry('causeway VPN', 14) + entry('causeway VPN 2', 5),
    )
    expect('[causeway VPN]\r\nPort=VPN1-0\r\n[next]\r\nVpnStrategy=7\r\n').not.toMatch(pattern)
  })

  it('has one protocol where only one is served', async () => {
    const sstp = await addClientOf('wsstp', { vpnClientProtocols: ['SSTP'] })
    const script = unfold(await sstp.read('Windows/VpnClientSetup.ps1'))
    expect(script).toContain("-ServerAddress 'vpn.example.org' -TunnelType Sstp ")
    expect(script).not.toMatch(/IPsec|rasphone\.pbk/)
    expect(await sstp.read('Windows/ProfileXML.xml')).toContain('<NativeProtocolType>Sstp</')
    const ikev2 = await addClientOf('wikev2', { vpnClientProtocols: ['IkeV2'] })
    expect(await ikev2.read('Windows/VpnClientSetup.ps1')).not.toMatch(/rasphone\.pbk|NoCertRevocation/)
    expect(await ikev2.read('Windows/ProfileXML.xml')).toContain('<NativeProtocolType>IKEv2</')
  })

  it('names a port of its own, which IKEv2 cannot share', async () => {
    const listeners = [{ transport: 'tcp', address: '0.0.0.0', port: 8443 } as const]
    const sstp = await addClientOf('wport', { vpnClientProtocols: ['SSTP'] }, { listeners })
    expect(await sstp.read('Windows/VpnClientSetup.ps1')).toContain("'vpn.example.org:8443'")
    const both = await addClientOf('wboth', { vpnClientProtocols: ['SSTP', 'IkeV2'] }, { listeners })
    expect(await both.read('Windows/VpnClientSetup.ps1')).not.toMatch(/rasphone\.pbk|NoCertRevocation/)
  })
})

describe('the package of an SSTP client', () => {
  it('has no OpenVPN, no IKEv2 and no Generic folder with SSTP alone', async () => {
    const { files: own } = await addClientOf('alone', { vpnClientProtocols: ['SSTP'] })
    const folders = new Set(own.filter(file => file.includes('/')).map(file => file.split('/')[0]))
    expect([...folders].toSorted()).toEqual(['NetworkManager', 'Sstpc', 'Windows'])
    expect(own).not.toContain('NetworkManager/alone.nmconnection')
    expect(new Set(own).size).toBe(own.length)
  })

  it('has nothing of SSTP where no client could get an address over it', async () => {
    const clients = {
      vpnClientProtocols: ['SSTP', 'OpenVPN'],
      vpnClientAddressPool: { addressPrefixes: ['fd00:201::/64'] },
    }
    const { files: own } = await addClientOf('six', clients)
    expect(own.filter(file => /^Sstpc|^Windows|sstp/.test(file))).toEqual([])
  })

  it('gives NetworkManager the keys of its plug-in, and the routes that PPP does not tell', async () => {
    const profile = await read('NetworkManager/anna-sstp.nmconnection')
    expect(profile).toContain('\nservice-type=org.freedesktop.NetworkManager.sstp\ngateway=vpn.example.org\n')
    expect(profile).toContain('\nconnection-type=tls\n')
    expect(profile).toContain('\ntls-user-key=/etc/NetworkManager/causeway/anna-key.pem\n')
    expect(profile).toContain(`\ntls-remotename=${serverName()}\n`)
    expect(profile).toContain('\nnever-default=true\nroute1=10.1.0.0/16\n')
  })

  it('gives sstpc programs that a shell reads, and options that pppd reads', async () => {
    for (const program of ['connect', 'ip-up']) {
      const path = join(directory, 'Sstpc', program)
      expect((await stat(path)).mode & 0o777).toBe(0o700)
      execFileSync('sh', ['-n', path])
    }
    expect((await stat(join(directory, 'Sstpc', 'anna-key.pem'))).mode & 0o777).toBe(0o600)
    expect(await read('Sstpc/options')).toContain(`name "anna"\n`)
    expect(await read('Sstpc/options')).toContain(`\nremotename "${serverName()}"\n`)
    expect(await read('Sstpc/ip-up')).toContain('\nip route replace \'10.1.0.0/16\' dev "$1"\n')
  })

  it('runs sstpc with its own files, wherever the folder lies', async () => {
    const folder = await mkdtemp(join(tmpdir(), "it's a folder "))
    onTestFinished(() => rm(folder, { recursive: true }))
    const sstpc = join(folder, 'sstpc')
    await writeFile(sstpc, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o700 })
    await writeFile(join(folder, 'mkdir'), '#!/bin/sh\n', { mode: 0o700 })
    const home = join(folder, 'Sstpc')
    await cp(join(directory, 'Sstpc'), home, { recursive: true })
    const { PATH = '' } = process.env
    const env = { PATH: `${folder}:${PATH}` }
    const args = execFileSync(join(home, 'connect'), ['debug'], { env, encoding: 'utf8' })
    expect(args.trimEnd().split('\n')).toEqual([
      ...['--log-stderr', '--tls-ext', '--ca-cert', join(home, 'ca.pem'), '--ipparam', 'causeway-anna'],
      ...['vpn.example.org', 'file', join(home, 'options'), 'ip-up-script', join(home, 'ip-up')],
      ...['ca', join(home, 'ca.pem'), 'cert', join(home, 'anna.pem'), 'key', join(home, 'anna-key.pem')],
      'debug',
    ])
  })
})
