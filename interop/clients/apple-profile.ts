import type { Credential } from '../harness/certificates.ts'
import { readPlist } from '../harness/markup.ts'
import { openPkcs12 } from '../harness/pkcs12.ts'
import { type Package, readPackage } from './scenario.ts'

/** What macOS and iOS do by `Mac/VpnClientSetup.mobileconfig`. */
export interface AppleProfile {
  readonly server: string
  readonly remoteId: string
  readonly localId: string
  /** In strongSwan's words. */
  readonly ike: string
  readonly esp: string
  readonly mobike: boolean
  readonly signIn:
    | { readonly type: 'certificate'; readonly credential: Credential }
    /** EAP; the system asks for the password. */
    | { readonly type: 'password'; readonly name: string }
}

interface Payload {
  readonly PayloadType: string
  readonly PayloadUUID: string
  /** base64. */
  readonly PayloadContent?: string
  readonly VPNType?: string
  readonly IKEv2?: Ikev2Payload
}

/** Apple's device management, `VPN.IKEv2`. */
interface Ikev2Payload {
  readonly RemoteAddress: string
  readonly RemoteIdentifier: string
  readonly LocalIdentifier: string
  readonly AuthenticationMethod: string
  readonly ExtendedAuthEnabled: number
  readonly AuthName?: string
  readonly PayloadCertificateUUID?: string
  readonly EnablePFS: number
  readonly DisableMOBIKE: number
  readonly IKESecurityAssociationParameters: Suite
  readonly ChildSecurityAssociationParameters: Suite
}

interface Suite {
  readonly EncryptionAlgorithm: string
  readonly IntegrityAlgorithm: string
  readonly DiffieHellmanGroup: number
}

/** Errors: there is none, or it says what we know no word for. */
export async function readAppleProfile(given: Package): Promise<AppleProfile> {
  const plist = readPlist(readPackage(given, 'Mac/VpnClientSetup.mobileconfig'))
  const { PayloadContent: payloads } = plist as { readonly PayloadContent: readonly Payload[] }
  const settings = payloads.find(({ VPNType }) => VPNType === 'IKEv2')?.IKEv2
  if (!settings) throw new Error('the profile has no IKEv2 in it')
  const ike = settings.IKESecurityAssociationParameters
  const child = settings.ChildSecurityAssociationParameters
  return {
    server: settings.RemoteAddress,
    remoteId: settings.RemoteIdentifier,
    localId: settings.LocalIdentifier,
    ike: `${cipherOf(ike, true)}-${groupOf(ike)}`,
    esp: `${cipherOf(child, false)}${settings.EnablePFS === 1 ? `-${groupOf(child)}` : ''}`,
    mobike: settings.DisableMOBIKE === 0,
    signIn: await signIn(given, settings, payloads),
  }
}

async function signIn(
  given: Package,
  settings: Ikev2Payload,
  payloads: readonly Payload[],
): Promise<AppleProfile['signIn']> {
  const { AuthenticationMethod: method, ExtendedAuthEnabled: extended, AuthName: name = '' } = settings
  if (method === 'None' && extended === 1) return { type: 'password', name }
  const payload = payloads.find(({ PayloadUUID }) => PayloadUUID === settings.PayloadCertificateUUID)
  if (method !== 'Certificate' || extended !== 0 || payload?.PayloadType !== 'com.apple.security.pkcs12')
    throw new Error(`a profile of ${method} and ${extended}`)
  const password = readPackage(given, `${given.clientName}.p12.password`).trim()
  const content = Buffer.from(payload.PayloadContent ?? '', 'base64')
  return { type: 'certificate', credential: await openPkcs12(content, password, given.clientName) }
}

const CIPHERS: Readonly<Record<string, string>> = {
  'AES-128': 'aes128',
  'AES-256': 'aes256',
  'AES-128-GCM': 'aes128gcm16',
  'AES-256-GCM': 'aes256gcm16',
}
const HASHES: Readonly<Record<string, string>> = {
  'SHA1-96': 'sha1',
  'SHA1-160': 'sha1',
  'SHA2-256': 'sha256',
  'SHA2-384': 'sha384',
  'SHA2-512': 'sha512',
}
const GROUPS: Readonly<Record<number, string>> = {
  2: 'modp1024',
  14: 'modp2048',
  19: 'ecp256',
  20: 'ecp384',
}

/** Beside a combined cipher the integrity names the PRF of IKE, and nothing of ESP. */
function cipherOf({ EncryptionAlgorithm, IntegrityAlgorithm }: Suite, isIke: boolean): string {
  const cipher = known(CIPHERS[EncryptionAlgorithm], EncryptionAlgorithm)
  const hash = known(HASHES[IntegrityAlgorithm], IntegrityAlgorithm)
  if (!cipher.includes('gcm')) return `${cipher}-${hash}`
  return isIke ? `${cipher}-prf${hash}` : cipher
}

function groupOf({ DiffieHellmanGroup }: Suite): string {
  return known(GROUPS[DiffieHellmanGroup], DiffieHellmanGroup)
}

function known(word: string | undefined, name: string | number): string {
  if (word === undefined) throw new Error(`the profile says ${name}`)
  return word
}
