import type { GroupName } from '@causeway/crypto'
import { writeChain } from '../auth/certificates.ts'
import type { Credential } from '../auth/credentials.suite.ts'
import { findPayload, notify } from '../exchange/notify.ts'
import { fqdn, network } from '../testing/terms.suite.ts'
import { CONFIGURATION, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload, Transform } from '../wire/payload.ts'
import { rekeySa } from './child-payloads.suite.ts'
import { type FirstMessage, type NativeClient, proposals, spiBytes } from './native-client.suite.ts'
import { espTransforms, ikeTransforms, transforms } from './transforms.suite.ts'

/*
 * iOS 16 and macOS 13 as strongSwan's page on Apple's clients has them: the proposals, INTERNAL_DNS_DOMAIN, ::/0 where
 * there is an IPv6 address, no CERTREQ, rekeyings with and without a group. Traces of users have the order of payloads
 * and of attributes (strongX509/docker#7, strongswan#2861), and what macOS 14 proposes (libreswan#1450).
 * Assumed: where CERT and AUTH stand, AUTH by RSA with SHA-1, a nonce of 16 bytes, and that macOS 14 begins with the
 * group of its first proposal, in IKE_SA_INIT and when it rekeys.
 */

export const IOS_IKE: readonly (readonly Transform[])[] = [
  ikeTransforms('aes256', 'sha256', 'modp2048'),
  ikeTransforms('aes256', 'sha256', 'ecp256'),
  ikeTransforms('aes256', 'sha256', 'modp1536'),
  ikeTransforms('aes128', 'sha1', 'modp1024'),
  ikeTransforms('3des', 'sha1', 'modp1024'),
]
export const MACOS_IKE: readonly (readonly Transform[])[] = IOS_IKE.slice(0, 1)

export const IOS_ESP: readonly (readonly Transform[])[] = [
  espTransforms('aes256', 'sha256'),
  espTransforms('aes128', 'sha1'),
  espTransforms('3des', 'sha1'),
]
export const MACOS_ESP: readonly (readonly Transform[])[] = IOS_ESP.slice(0, 1)

/** iOS rekeys with its group or without one. */
export const IOS_ESP_REKEYED: readonly (readonly Transform[])[] = [
  espTransforms('aes256', 'sha256', 'modp2048', 'none'),
  espTransforms('aes128', 'sha1'),
  espTransforms('3des', 'sha1'),
]

/** macOS 14, iOS 17 and later. */
export const MACOS_14_IKE: readonly (readonly Transform[])[] = [
  transforms('aes256gcm16', 'prfsha256', 'ecp256'),
  transforms('aes256gcm16', 'prfsha256', 'modp2048'),
  ikeTransforms('aes256', 'sha256', 'ecp256'),
  ikeTransforms('aes256', 'sha256', 'modp2048'),
]

/** Each twice in IKE_AUTH, where the groups in which they differ are left out. */
export const MACOS_14_ESP: readonly (readonly Transform[])[] = [
  espTransforms('aes256gcm16'),
  espTransforms('aes256gcm16'),
  espTransforms('aes256', 'sha256'),
  espTransforms('aes256', 'sha256'),
]
export const MACOS_14_ESP_REKEYED: readonly (readonly Transform[])[] = [
  espTransforms('aes256gcm16', 'ecp256'),
  espTransforms('aes256gcm16', 'modp2048'),
  espTransforms('aes256', 'sha256', 'ecp256'),
  espTransforms('aes256', 'sha256', 'modp2048'),
]

/** RFC 5685 §6. */
const REDIRECT_SUPPORTED = 16_406
/** RFC 7296 §3.15.1. */
const INTERNAL_IP6_DHCP = 12

export function apple(ike: FirstMessage['ike'], group: GroupName = 'MODP-2048'): FirstMessage {
  return {
    ike,
    group,
    nonceBytes: 16,
    rest: nat => [notify(REDIRECT_SUPPORTED), ...nat, notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED)],
  }
}

/** LocalIdentifier of a profile. */
export const APPLE_IDI = fqdn('phone.example')

const ASKED = [
  CONFIGURATION.INTERNAL_IP4_ADDRESS,
  CONFIGURATION.INTERNAL_IP4_NETMASK,
  CONFIGURATION.INTERNAL_IP4_DHCP,
  CONFIGURATION.INTERNAL_IP4_DNS,
  CONFIGURATION.INTERNAL_IP6_ADDRESS,
  INTERNAL_IP6_DHCP,
  CONFIGURATION.INTERNAL_IP6_DNS,
  CONFIGURATION.INTERNAL_DNS_DOMAIN,
] as const

/** IKE_AUTH by certificate. `remote`: RemoteIdentifier of the profile. */
export function appleByCertificate(
  client: NativeClient,
  credential: Credential,
  options: { readonly remote?: string; readonly esp?: FirstMessage['ike']; readonly spi?: number } = {},
): Payload[] {
  const { remote = 'vpn.example', esp = IOS_ESP, spi = 0x1000 } = options
  return [
    { type: 'IDi', identification: APPLE_IDI },
    ...writeChain(credential.chain.slice(0, 1)),
    notify(NOTIFY.INITIAL_CONTACT),
    { type: 'IDr', identification: fqdn(remote) },
    client.sign(APPLE_IDI, credential),
    {
      type: 'CP',
      configurationType: 1,
      attributes: ASKED.map(type => ({ type, value: new Uint8Array() })),
    },
    notify(NOTIFY.ESP_TFC_PADDING_NOT_SUPPORTED),
    notify(NOTIFY.NON_FIRST_FRAGMENTS_ALSO),
    ...appleChild(spi, esp),
    notify(NOTIFY.MOBIKE_SUPPORTED),
  ]
}

/** Its rekeying of a Child SA. */
export function appleRekey(
  client: NativeClient,
  [oldSpi, newSpi]: readonly [number, number],
  esp: FirstMessage['ike'],
  group?: GroupName,
): Payload[] {
  const { nonce, ke } = client.fresh(group)
  const [sa, ...selectors] = appleChild(newSpi, esp) as [Payload, Payload, Payload]
  return [rekeySa(oldSpi), sa, nonce, ...ke, ...selectors]
}

/** Its answer to the gateway's oldest request, a rekeying, which must have no KE payload: macOS has none either. */
export function acceptRekey(client: NativeClient, spi: number): Payload[] {
  const [request] = client.requests
  const payloads = request?.payloads ?? []
  const [offered] = findPayload(payloads, 'SA')?.proposals ?? []
  const selectors = payloads.filter(({ type }) => type === 'TSi' || type === 'TSr')
  if (!offered || findPayload(payloads, 'KE')) throw new Error('macOS takes no such rekeying')
  const types = new Set(offered.transforms.map(({ type }) => type))
  const chosen = [...types].flatMap(type => offered.transforms.find(one => one.type === type) ?? [])
  return [
    { type: 'SA', proposals: [{ ...offered, spi: spiBytes(spi), transforms: chosen }] },
    client.fresh().nonce,
    ...selectors,
  ]
}

/** SA, TSi, TSr: all there is, of both families. */
function appleChild(spi: number, esp: FirstMessage['ike']): Payload[] {
  const selectors = ['0.0.0.0/0', '::/0'].map(network)
  return [
    { type: 'SA', proposals: proposals(PROTOCOL.ESP, esp, spiBytes(spi)) },
    { type: 'TSi', selectors },
    { type: 'TSr', selectors },
  ]
}
