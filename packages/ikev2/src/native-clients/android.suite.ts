import { asciiBytes } from '@causeway/wire'
import { notify } from '../exchange/notify.ts'
import type { Identification } from '../identification.ts'
import { fqdn, network } from '../testing/terms.suite.ts'
import { CONFIGURATION, EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload, Transform } from '../wire/payload.ts'
import { EAP_IDENTITY, EAP_TLS } from './gateway.suite.ts'
import {
  eapResponse,
  type FirstMessage,
  type NativeClient,
  proposals,
  type Received,
  spiBytes,
} from './native-client.suite.ts'
import { espTransforms, transforms } from './transforms.suite.ts'

/*
 * Android 11 and later: IDi as ID_KEY_ID, and a first KE payload of a group that need not be ours.
 * A trace of Android 11 (strongswan#2189) has the payloads and attributes of its first IKE_AUTH, in their order, without
 * MOBIKE_SUPPORTED. Assumed, from memory of its IKE library: what else it proposes, and SIGNATURE_HASH_ALGORITHMS.
 */

const GROUPS = ['modp4096', 'modp3072', 'modp2048s256', 'modp2048'] as const
const PRFS = ['prfsha512', 'prfsha384', 'prfsha256', 'prfxcbc', 'prfcmac'] as const
const HASHES = ['sha512', 'sha384', 'sha256', 'xcbc', 'cmac'] as const
const BLOCK = ['aes256', 'aes192', 'aes128'] as const
const COMBINED = [
  'chacha20poly1305',
  'aes256gcm16',
  'aes256gcm12',
  'aes256gcm8',
  'aes192gcm16',
  'aes128gcm16',
  'aes128gcm12',
  'aes128gcm8',
] as const

export const ANDROID_IKE: readonly (readonly Transform[])[] = [
  transforms(...BLOCK, ...HASHES, ...PRFS, ...GROUPS),
  transforms(...COMBINED, ...PRFS, ...GROUPS),
]
export const ANDROID_ESP: readonly (readonly Transform[])[] = [
  espTransforms(...BLOCK, ...HASHES),
  espTransforms(...COMBINED),
]

/** With a first KE payload of group 24. */
export const ANDROID: FirstMessage = {
  ike: ANDROID_IKE,
  group: 'MODP-2048-256',
  nonceBytes: 32,
  rest: nat => [
    ...nat,
    notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED),
    // SHA-1, SHA-256, SHA-384, SHA-512 (RFC 7427).
    notify(NOTIFY.SIGNATURE_HASH_ALGORITHMS, Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4)),
  ],
}

/** The "IPsec identifier" that its user has typed. */
export const ANDROID_IDI: Identification = { type: 'ID_KEY_ID', number: 11, data: asciiBytes('alice') }

/** IKE_AUTH by EAP, from its first message to its AUTH; the responses, in order. */
export function androidByEap(client: NativeClient): Received[] {
  const say = (...payloads: Payload[]) => client.say(EXCHANGE.IKE_AUTH, payloads)
  return [
    say(...firstPayloads()),
    say(eapResponse(1, EAP_IDENTITY, asciiBytes('alice'))),
    say(eapResponse(2, EAP_TLS, Uint8Array.of(0))),
    say(client.proveKey(ANDROID_IDI)),
  ]
}

function firstPayloads(): Payload[] {
  const selectors = ['0.0.0.0/0', '::/0'].map(network)
  const asked = [
    CONFIGURATION.INTERNAL_IP4_ADDRESS,
    CONFIGURATION.INTERNAL_IP6_ADDRESS,
    CONFIGURATION.INTERNAL_IP4_DNS,
    CONFIGURATION.INTERNAL_IP6_DNS,
    CONFIGURATION.INTERNAL_IP4_NETMASK,
  ].map(type => ({ type, value: new Uint8Array() }))
  const version = { type: CONFIGURATION.APPLICATION_VERSION, value: asciiBytes('14') }
  return [
    { type: 'IDi', identification: ANDROID_IDI },
    { type: 'IDr', identification: fqdn('vpn.example') },
    { type: 'SA', proposals: proposals(PROTOCOL.ESP, ANDROID_ESP, spiBytes(0x1000)) },
    { type: 'TSi', selectors },
    { type: 'TSr', selectors },
    { type: 'CP', configurationType: 1, attributes: [...asked, version] },
  ]
}
