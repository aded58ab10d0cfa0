import type { EspEncryption, EspSuite, IkeEncryption, IkeSuite, Integrity, Prf } from '@causeway/ikev2'

/**
 * How the policies' algorithms are called by those who read our profiles: strongSwan (swanctl.conf(5),
 * also its Android app and NetworkManager), Windows (VPNv2 CSP, CryptographySuite) and Apple (VPN.IKEv2).
 */

const STRONGSWAN_ENCRYPTION: Readonly<Record<EspEncryption, string>> = {
  'AES-GCM-16-128': 'aes128gcm16',
  'AES-GCM-16-192': 'aes192gcm16',
  'AES-GCM-16-256': 'aes256gcm16',
  'AES-CBC-128': 'aes128',
  'AES-CBC-192': 'aes192',
  'AES-CBC-256': 'aes256',
}
const STRONGSWAN_INTEGRITY: Readonly<Record<Integrity, string>> = {
  'HMAC-SHA1-96': 'sha1',
  'HMAC-SHA256-128': 'sha256',
  'HMAC-SHA384-192': 'sha384',
  'HMAC-SHA512-256': 'sha512',
}
const STRONGSWAN_PRF: Readonly<Record<Prf, string>> = {
  'HMAC-SHA1': 'prfsha1',
  'HMAC-SHA256': 'prfsha256',
  'HMAC-SHA384': 'prfsha384',
  'HMAC-SHA512': 'prfsha512',
}
const STRONGSWAN_GROUP: Readonly<Record<IkeSuite['group'], string>> = {
  'MODP-1024': 'modp1024',
  'MODP-2048': 'modp2048',
  'MODP-2048-256': 'modp2048s256',
  'ECP-256': 'ecp256',
  'ECP-384': 'ecp384',
  X25519: 'curve25519',
}

export function strongswanIkeProposal({ encryption, integrity, prf, group }: IkeSuite): string {
  const mac = integrity ? [STRONGSWAN_INTEGRITY[integrity]] : []
  return [STRONGSWAN_ENCRYPTION[encryption], ...mac, STRONGSWAN_PRF[prf], STRONGSWAN_GROUP[group]].join('-')
}

export function strongswanEspProposal({ encryption, integrity, group }: EspSuite): string {
  const mac = integrity ? [STRONGSWAN_INTEGRITY[integrity]] : []
  return [STRONGSWAN_ENCRYPTION[encryption], ...mac, ...(group ? [STRONGSWAN_GROUP[group]] : [])].join('-')
}

/** What Windows and Apple's systems can both do, and in this order we would rather have it. */
const NATIVE_GROUPS = ['ECP-384', 'ECP-256', 'MODP-2048', 'MODP-1024'] as const
const NATIVE_ENCRYPTION = ['AES-GCM-16-256', 'AES-GCM-16-128', 'AES-CBC-256', 'AES-CBC-128'] as const

/** The one pair of suites that a native client is set to. `undefined`: the policy has none that it knows. */
export function nativeSuites(
  ikeSuites: readonly IkeSuite[],
  espSuites: readonly EspSuite[],
): { readonly ike: IkeSuite; readonly esp: EspSuite } | undefined {
  const [ike] = NATIVE_ENCRYPTION.flatMap(encryption =>
    NATIVE_GROUPS.flatMap(group =>
      ikeSuites.filter(suite => suite.encryption === encryption && suite.group === group),
    ),
  )
  const [esp] = NATIVE_ENCRYPTION.flatMap(encryption =>
    espSuites.filter(suite => suite.encryption === encryption && nativePfs(suite)),
  )
  return ike && esp && { ike, esp }
}

function nativePfs({ group }: EspSuite): boolean {
  return group === undefined || NATIVE_GROUPS.some(known => known === group)
}

/** Names of `Set-VpnConnectionIPsecConfiguration`. */
export const WINDOWS_IKE_ENCRYPTION: Readonly<Record<IkeEncryption, string>> = {
  'AES-GCM-16-128': 'GCMAES128',
  'AES-GCM-16-256': 'GCMAES256',
  'AES-CBC-128': 'AES128',
  'AES-CBC-192': 'AES192',
  'AES-CBC-256': 'AES256',
}
export const WINDOWS_ESP_ENCRYPTION: Readonly<Record<EspEncryption, string>> = {
  ...WINDOWS_IKE_ENCRYPTION,
  'AES-GCM-16-192': 'GCMAES192',
}
export const WINDOWS_HASH: Readonly<Record<Prf, string>> = {
  'HMAC-SHA1': 'SHA1',
  'HMAC-SHA256': 'SHA256',
  'HMAC-SHA384': 'SHA384',
  'HMAC-SHA512': 'SHA384',
}
/** With GCM the authentication transform is the cipher itself. */
export function windowsAuthentication({ encryption, integrity }: EspSuite): string {
  if (!integrity) return WINDOWS_ESP_ENCRYPTION[encryption]
  return integrity === 'HMAC-SHA1-96' ? 'SHA196' : 'SHA256128'
}
export function windowsGroup(group: IkeSuite['group']): string {
  const names: Readonly<Record<IkeSuite['group'], string>> = {
    'MODP-1024': 'Group2',
    'MODP-2048': 'Group14',
    'MODP-2048-256': 'Group24',
    'ECP-256': 'ECP256',
    'ECP-384': 'ECP384',
    X25519: 'None',
  }
  return names[group]
}
export function windowsPfs(group: IkeSuite['group'] | undefined): string {
  if (group === undefined) return 'None'
  const names: Readonly<Record<IkeSuite['group'], string>> = {
    'MODP-1024': 'PFS1',
    'MODP-2048': 'PFS2048',
    'MODP-2048-256': 'PFS24',
    'ECP-256': 'ECP256',
    'ECP-384': 'ECP384',
    X25519: 'None',
  }
  return names[group]
}

/** Names of Apple's `IKESecurityAssociationParameters` and `ChildSecurityAssociationParameters`. */
export const APPLE_ENCRYPTION: Readonly<Record<EspEncryption, string>> = {
  'AES-GCM-16-128': 'AES-128-GCM',
  'AES-GCM-16-192': 'AES-256-GCM',
  'AES-GCM-16-256': 'AES-256-GCM',
  'AES-CBC-128': 'AES-128',
  'AES-CBC-192': 'AES-256',
  'AES-CBC-256': 'AES-256',
}
export const APPLE_INTEGRITY: Readonly<Record<Integrity | Prf, string>> = {
  'HMAC-SHA1-96': 'SHA1-96',
  'HMAC-SHA256-128': 'SHA2-256',
  'HMAC-SHA384-192': 'SHA2-384',
  'HMAC-SHA512-256': 'SHA2-512',
  'HMAC-SHA1': 'SHA1-160',
  'HMAC-SHA256': 'SHA2-256',
  'HMAC-SHA384': 'SHA2-384',
  'HMAC-SHA512': 'SHA2-512',
}
export const APPLE_GROUP: Readonly<Record<IkeSuite['group'], number>> = {
  'MODP-1024': 2,
  'MODP-2048': 14,
  'MODP-2048-256': 24,
  'ECP-256': 19,
  'ECP-384': 20,
  X25519: 31,
}
