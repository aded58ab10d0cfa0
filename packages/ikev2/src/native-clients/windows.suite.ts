import type { GroupName } from '@causeway/crypto'
import { asciiBytes, parseHex, Writer } from '@causeway/wire'
import { writeCertificateRequest, writeChain } from '../auth/certificates.ts'
import type { Credential } from '../auth/credentials.suite.ts'
import { notify } from '../exchange/notify.ts'
import type { Identification } from '../identification.ts'
import { address, network } from '../testing/terms.suite.ts'
import { CONFIGURATION, EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload, Transform } from '../wire/payload.ts'
import { rekeySa } from './child-payloads.suite.ts'
import { EAP_IDENTITY, EAP_TLS } from './gateway.suite.ts'
import {
  eapResponse,
  type FirstMessage,
  type NativeClient,
  proposals,
  type Received,
  spiBytes,
} from './native-client.suite.ts'
import { espTransforms, ikeTransforms, transforms } from './transforms.suite.ts'

/*
 * Windows 10 and 11 as strongSwan's pages on Windows clients have them: the proposals, no IDr, the addresses as IDi,
 * attributes 23456 and 23457, whole address spaces as selectors, fragments from 576 bytes on, refusals by 12345.
 * Traces of users (trailofbits/algo#760, jawj/IKEv2-setup#84) have the payloads of IKE_SA_INIT and the vendor ids.
 * Assumed, from memory: the order of payloads in IKE_AUTH, the length of the nonce, and that each proposal has one
 * transform of a type.
 */

const HASHES = ['sha1', 'sha256', 'sha384'] as const

/** Windows 10 as it comes: a proposal for each pair. */
export const WINDOWS_10_IKE: readonly (readonly Transform[])[] = HASHES.flatMap(hash => [
  ikeTransforms('3des', hash, 'modp1024'),
  ikeTransforms('aes256', hash, 'modp1024'),
])

/** Windows 11 as it comes. */
export const WINDOWS_11_IKE: readonly (readonly Transform[])[] = [
  ...HASHES.flatMap(hash =>
    (['3des', 'aes128', 'aes192', 'aes256'] as const).map(cipher => ikeTransforms(cipher, hash, 'modp1024')),
  ),
  ...HASHES.flatMap(hash =>
    (['aes128gcm16', 'aes256gcm16'] as const).map(cipher => transforms(cipher, `prf${hash}`, 'modp1024')),
  ),
]

/** `NegotiateDH2048_AES256` = 2: that and nothing else. */
export const WINDOWS_DH2048_IKE: readonly (readonly Transform[])[] = [
  ikeTransforms('aes256', 'sha256', 'modp2048'),
]

/** By `Set-VpnConnectionIPsecConfiguration` of our profile. */
export const WINDOWS_PROFILE_IKE: readonly (readonly Transform[])[] = [
  transforms('aes256gcm16', 'prfsha384', 'ecp384'),
]

export const WINDOWS_ESP: readonly (readonly Transform[])[] = (
  ['aes256', 'aes128', '3des', 'des', 'null'] as const
).map(cipher => espTransforms(cipher, 'sha1'))

const VENDOR_IDS = [
  '1e2b516905991c7d7c96fcbfb587e46100000009', // MS NT5 ISAKMPOAKLEY, version 9
  'fb1de3cdf341b7ea16b7e5be0855f120', // MS-Negotiation Discovery Capable
  '26244d38eddb61b3172a36e3d0cfb819', // Vid-Initial-Contact
  '01528bbbc00696121849ab9a1c5b2a5100000002', // nobody has said what
].map(hex => parseHex(hex) as Uint8Array)

/** A first message of Windows with these proposals. */
export function windows(
  ike: FirstMessage['ike'] = WINDOWS_10_IKE,
  group: GroupName = 'MODP-1024',
): FirstMessage {
  return {
    ike,
    group,
    nonceBytes: 48,
    rest: nat => [
      notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED),
      ...nat,
      ...VENDOR_IDS.map(data => ({ type: 'V', data }) as const),
    ],
  }
}

/** Its IDi: the address of its own network. */
export const WINDOWS_IDI: Identification = {
  type: 'ID_IPV4_ADDR',
  number: 1,
  data: address('192.168.1.20').bytes,
}

const ASKED = [
  CONFIGURATION.INTERNAL_IP4_ADDRESS,
  CONFIGURATION.INTERNAL_IP4_DNS,
  CONFIGURATION.INTERNAL_IP4_NBNS,
  CONFIGURATION.MICROSOFT_IP4_SERVER,
  CONFIGURATION.INTERNAL_IP6_ADDRESS,
  CONFIGURATION.INTERNAL_IP6_DNS,
  CONFIGURATION.MICROSOFT_IP6_SERVER,
] as const

/** CP, SA, TSi, TSr: whole address spaces at both ends. */
export function windowsChild(spi: number, esp: readonly (readonly Transform[])[] = WINDOWS_ESP): Payload[] {
  const selectors = ['0.0.0.0/0', '::/0'].map(network)
  return [
    {
      type: 'CP',
      configurationType: 1,
      attributes: ASKED.map(type => ({ type, value: new Uint8Array() })),
    },
    { type: 'SA', proposals: proposals(PROTOCOL.ESP, esp, spiBytes(spi)) },
    { type: 'TSi', selectors },
    { type: 'TSr', selectors },
  ]
}

/** A hash for each root in the machine's store. */
const CERTREQ = writeCertificateRequest(
  Array.from({ length: 60 }, (_, number) => new Uint8Array(20).fill(number)),
)
const MOBIKE = notify(NOTIFY.MOBIKE_SUPPORTED)

/** IKE_AUTH by machine certificate. `chain`: what it sends behind its own. */
export function windowsByCertificate(
  client: NativeClient,
  credential: Credential,
  options: {
    readonly spi?: number
    readonly esp?: FirstMessage['ike']
    readonly chain?: readonly Uint8Array[]
  } = {},
): Payload[] {
  const { spi = 0x1000, esp, chain = [] } = options
  const [leaf] = credential.chain as [Uint8Array]
  return [
    { type: 'IDi', identification: WINDOWS_IDI },
    ...writeChain([leaf, ...chain]),
    ...CERTREQ,
    client.sign(WINDOWS_IDI, credential),
    MOBIKE,
    ...windowsChild(spi, esp),
  ]
}

/** IKE_AUTH by EAP, from its first message to its AUTH; the responses, in order. */
export function windowsByEap(client: NativeClient, spi = 0x1000): Received[] {
  const idi: Payload = { type: 'IDi', identification: WINDOWS_IDI }
  const say = (...payloads: Payload[]) => client.say(EXCHANGE.IKE_AUTH, payloads)
  return [
    say(idi, ...CERTREQ, MOBIKE, ...windowsChild(spi)),
    say(eapResponse(1, EAP_IDENTITY, asciiBytes('CORP\\alice'))),
    say(eapResponse(2, EAP_TLS, Uint8Array.of(0))),
    say(client.proveKey(WINDOWS_IDI)),
  ]
}

/** Its rekeying of a Child SA, which names more than that carried. */
export function windowsRekey(
  client: NativeClient,
  oldSpi: number,
  newSpi: number,
  options: {
    readonly selectors?: readonly string[]
    readonly group?: GroupName
    readonly esp?: FirstMessage['ike']
  } = {},
): Payload[] {
  const { selectors = ['0.0.0.0/0'], group, esp = WINDOWS_ESP } = options
  const { nonce, ke } = client.fresh(group)
  const wanted = selectors.map(network)
  return [
    rekeySa(oldSpi),
    { type: 'SA', proposals: proposals(PROTOCOL.ESP, esp, spiBytes(newSpi)) },
    nonce,
    ...ke,
    { type: 'TSi', selectors: wanted },
    { type: 'TSr', selectors: wanted },
  ]
}

/** Microsoft's status with one of its error codes. */
export function microsoftStatus(code: number): Payload {
  return notify(NOTIFY.MICROSOFT_STATUS, new Writer(4).u32(code).finish())
}
