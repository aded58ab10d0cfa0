import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthenticationType } from '@causeway/api-contract'
import { XmlTexts } from '../harness/markup.ts'
import { formatBlock } from '../harness/profile.ts'
import { credentialOf } from './credential.ts'
import { PASSWORD, USER_NAME } from './people.ts'
import { readPackage, tenantOf } from './scenario.ts'
import type { Visit } from './visit.ts'

/** What the Azure VPN Client finds in its file: `clientauth/type`, and which of the files of several it is. */
const KINDS: Readonly<Record<AuthenticationType, { readonly type: string; readonly suffix: string }>> = {
  AAD: { type: 'aad', suffix: 'aad' },
  Certificate: { type: 'cert', suffix: 'cert' },
  Radius: { type: 'usernamepass', suffix: 'radius' },
}

/** Its lines between octets 32 apart. */
const KEY_LINE = /.{32}/g

/**
 * `AzureVPN/azurevpnconfig.xml`, read as the Azure VPN Client does, as a profile for our own client. The root and the
 * client's certificate come from the system's stores, where the file has thumbprints of them; the token from the tenant
 * that the file names.
 */
export async function readAzureProfile(visit: Visit): Promise<string> {
  const { given, by } = visit
  const { type, suffix } = KINDS[by]
  const file = readPackage(given, `AzureVPN/azurevpnconfig_${suffix}.xml`, 'AzureVPN/azurevpnconfig.xml')
  const xml = new XmlTexts(file)
  const at = (path: string): string => xml.one(`/AzVpnProfile/${path}`)
  if (at('clientauth/type') !== type) throw new Error(`${at('clientauth/type')} is not ${type}`)
  const root = readFileSync(join(given.directory, 'ca.pem'), 'utf8')
  expectThumbprint(root, at('servervalidation/cert/hash'))
  const key = at('servervalidation/serversecret').match(KEY_LINE) ?? []
  const lines = [
    ...[
      'client',
      'dev tun',
      'remote-cert-tls server',
      'auth SHA256',
      'cipher AES-256-GCM',
      'key-direction 1',
    ],
    `proto ${at('protocolconfig/sslprotocolConfig/transportprotocol')}`,
    `remote ${at('serverlist/ServerEntry/fqdn')} 443`,
    formatBlock('ca', root),
    formatBlock(
      'tls-auth',
      ['-----BEGIN OpenVPN Static key V1-----', ...key, '-----END OpenVPN Static key V1-----'].join('\n'),
    ),
    ...(await signIn(visit, xml)),
  ]
  return `${lines.join('\n')}\n`
}

async function signIn({ scenario, given, by }: Visit, xml: XmlTexts): Promise<readonly string[]> {
  const at = (path: string): string => xml.one(`/AzVpnProfile/clientauth/${path}`)
  switch (by) {
    case 'AAD': {
      // The literal user name of its own that the client sends beside the token.
      const token = await tenantOf(scenario).token(at('aad/tenant'), at('aad/audience'))
      return [formatBlock('auth-user-pass', `AzureAD\n${token}`)]
    }
    case 'Radius':
      return [formatBlock('auth-user-pass', `${USER_NAME}\n${PASSWORD}`)]
    case 'Certificate': {
      const { certificatePath, keyPath } = await credentialOf(given)
      const certificate = readFileSync(certificatePath, 'utf8')
      expectThumbprint(certificate, at('cert/hash'))
      return [formatBlock('cert', certificate), formatBlock('key', readFileSync(keyPath, 'utf8'))]
    }
    default:
      return by satisfies never
  }
}

/** The stores are searched by it. */
function expectThumbprint(pem: string, wanted: string): void {
  const sha1 = createHash('sha1').update(new X509Certificate(pem).raw).digest('hex').toUpperCase()
  if (sha1 !== wanted) throw new Error(`the thumbprint is ${sha1}, and the profile says ${wanted}`)
}
