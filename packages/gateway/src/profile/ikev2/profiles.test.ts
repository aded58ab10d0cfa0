import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePkcs12 } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configurationOf, type PreparedGateway, prepareGateway } from '../../quick-start/index.ts'
import {
  INTERFACES,
  type ScratchInstallation,
  scratchInstallation,
} from '../../quick-start/scratch-installation.suite.ts'
import { addClient } from '../add-client.ts'
import { powerShellString, xmlText } from '../escape.ts'

let installation: ScratchInstallation
let gateway: PreparedGateway
let files: readonly string[]
let read: (file: string) => Promise<string>
let directory: string

beforeAll(async () => {
  installation = await scratchInstallation()
  gateway = await prepareGateway(
    installation,
    { hostNames: ['vpn.example.org', '10.9.0.5'], insidePrefixes: ['10.1.0.0/16'] },
    INTERFACES,
  )
  const client = await addClient(installation, gateway, { name: 'anna', keyType: 'rsa-2048' })
  ;({ files, directory } = client)
  read = file => readFile(join(directory, file), 'utf8')
})

afterAll(() => installation.remove())

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
    const { resource, settings } = gateway
    const { properties } = resource
    const vpnClientConfiguration = {
      ...properties.vpnClientConfiguration,
      vpnClientProtocols: ['OpenVPN'],
    }
    const documents = {
      resource: { ...resource, properties: { ...properties, vpnClientConfiguration } },
      settings,
    }
    const other = { ...gateway, ...documents, configuration: configurationOf(documents) }
    const client = await addClient(installation, other, { name: 'otto', keyType: 'ecdsa-p256' })
    expect(
      client.files.filter(file => !/^(OpenVPN\/|Generic\/VpnServerRoot|ca.pem|otto)/.test(file)),
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

describe('escaping', () => {
  it('leaves nothing that ends a PowerShell string', () => {
    expect(powerShellString("a'; rm -r / #")).toBe("'a''; rm -r / #'")
    expect(powerShellString('a\u2019\n$(evil)')).toBe("'a??$(evil)'")
  })

  it('leaves nothing that ends an XML text', () => {
    expect(xmlText('</string>&\u0000"')).toBe('&lt;/string&gt;&amp;&quot;')
  })
})
