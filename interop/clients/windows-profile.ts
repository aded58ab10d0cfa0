import { XmlTexts } from '../harness/markup.ts'
import { type Package, readPackage } from './scenario.ts'

/** What Windows does by `Windows/ProfileXML.xml`. */
export interface WindowsProfile {
  readonly server: string
  /** What the gateway's certificate has to be of; by EAP-MSCHAPv2 the server itself. */
  readonly serverName: string
  /** The tunnel types that it tries, in its words. */
  readonly protocols: readonly string[]
  readonly eap: 'tls' | 'mschapv2'
  /** In strongSwan's words; absent where the profile is of SSTP alone. */
  readonly suites: { readonly ike: string; readonly esp: string } | undefined
  readonly routes: readonly string[]
}

const NATIVE = '/VPNProfile/NativeProfile'
const SERVER_NAMES = `${NATIVE}/Authentication/Eap/Configuration/EapHostConfig/Config/Eap/EapType/ServerValidation/ServerNames`
const EAP_TYPES: Readonly<Record<string, WindowsProfile['eap']>> = { 13: 'tls', 26: 'mschapv2' }

/** Errors: there is none, or it says what we know no word for. */
export function readWindowsProfile(given: Package): WindowsProfile {
  const xml = new XmlTexts(readPackage(given, 'Windows/ProfileXML.xml'))
  const type = xml.one(`${NATIVE}/Authentication/Eap/Configuration/EapHostConfig/EapMethod/Type`)
  const server = xml.one(`${NATIVE}/Servers`)
  const lengths = xml.all('/VPNProfile/Route/PrefixSize')
  return {
    server,
    serverName: xml.all(SERVER_NAMES)[0] ?? server,
    protocols: [
      ...xml.all(`${NATIVE}/ProtocolList/NativeProtocol/Type`),
      ...xml.all(`${NATIVE}/NativeProtocolType`).filter(name => name !== 'ProtocolList'),
    ],
    eap: word(EAP_TYPES, type),
    suites: xml.all(`${NATIVE}/CryptographySuite/DHGroup`).length > 0 ? suites(xml) : undefined,
    routes: xml.all('/VPNProfile/Route/Address').map((address, i) => `${address}/${lengths[i]}`),
  }
}

/** Of the VPNv2 CSP. */
const CIPHERS: Readonly<Record<string, string>> = {
  GCMAES128: 'aes128gcm16',
  GCMAES256: 'aes256gcm16',
  AES128: 'aes128',
  AES256: 'aes256',
}
const HASHES: Readonly<Record<string, string>> = { SHA1: 'sha1', SHA256: 'sha256', SHA384: 'sha384' }
const MACS: Readonly<Record<string, string>> = {
  SHA196: '-sha1',
  SHA256128: '-sha256',
  GCMAES128: '',
  GCMAES256: '',
}
const GROUPS: Readonly<Record<string, string>> = {
  Group2: 'modp1024',
  Group14: 'modp2048',
  Group24: 'modp2048s256',
  ECP256: 'ecp256',
  ECP384: 'ecp384',
}
const PFS: Readonly<Record<string, string>> = {
  None: '',
  PFS1: '-modp1024',
  PFS2048: '-modp2048',
  PFS24: '-modp2048s256',
  ECP256: '-ecp256',
  ECP384: '-ecp384',
}

function suites(xml: XmlTexts): NonNullable<WindowsProfile['suites']> {
  const at = (name: string): string => xml.one(`${NATIVE}/CryptographySuite/${name}`)
  const cipher = word(CIPHERS, at('EncryptionMethod'))
  const hash = word(HASHES, at('IntegrityCheckMethod'))
  const esp = word(CIPHERS, at('CipherTransformConstants'))
  return {
    ike: `${cipher}-${cipher.includes('gcm') ? 'prf' : ''}${hash}-${word(GROUPS, at('DHGroup'))}`,
    esp: `${esp}${word(MACS, at('AuthenticationTransformConstants'))}${word(PFS, at('PfsGroup'))}`,
  }
}

function word<Word>(words: Readonly<Record<string, Word>>, name: string): Word {
  const found = words[name]
  if (found === undefined) throw new Error(`ProfileXML says ${name}`)
  return found
}
