import type { GroupName } from '@causeway/crypto'
import { TRANSFORM } from '../wire/numbers.ts'
import type { Transform } from '../wire/payload.ts'
import type { EspEncryption, Integrity, Prf } from './suite.ts'

/** IANA's IKEv2 transform ids of what is spoken here. */
const AES_CBC = 12
const AES_GCM_16 = 20

const ENCRYPTION: Readonly<Record<EspEncryption, Transform>> = {
  'AES-GCM-16-128': encryption(AES_GCM_16, 128),
  'AES-GCM-16-192': encryption(AES_GCM_16, 192),
  'AES-GCM-16-256': encryption(AES_GCM_16, 256),
  'AES-CBC-128': encryption(AES_CBC, 128),
  'AES-CBC-192': encryption(AES_CBC, 192),
  'AES-CBC-256': encryption(AES_CBC, 256),
}

const PRF: Readonly<Record<Prf, number>> = {
  'HMAC-SHA1': 2,
  'HMAC-SHA256': 5,
  'HMAC-SHA384': 6,
  'HMAC-SHA512': 7,
}

const INTEGRITY: Readonly<Record<Integrity, number>> = {
  'HMAC-SHA1-96': 2,
  'HMAC-SHA256-128': 12,
  'HMAC-SHA384-192': 13,
  'HMAC-SHA512-256': 14,
}

const GROUP: Readonly<Record<GroupName, number>> = {
  'MODP-1024': 2,
  'MODP-2048': 14,
  'MODP-2048-256': 24,
  'ECP-256': 19,
  'ECP-384': 20,
  X25519: 31,
}

/** "None" of integrity and group, where the registry has it. */
export const NONE = 0

export function encryptionTransform(name: EspEncryption): Transform {
  return ENCRYPTION[name]
}

export function prfTransform(name: Prf): Transform {
  return { type: TRANSFORM.PRF, id: PRF[name] }
}

export function integrityTransform(name: Integrity): Transform {
  return { type: TRANSFORM.INTEGRITY, id: INTEGRITY[name] }
}

export function groupTransform(name: GroupName): Transform {
  return { type: TRANSFORM.GROUP, id: GROUP[name] }
}

/** Extended sequence numbers, or plain ones. */
export function sequenceTransform(extended: boolean): Transform {
  return { type: TRANSFORM.ESN, id: extended ? 1 : 0 }
}

/** The group's number, as in a KE payload. */
export function groupNumber(name: GroupName): number {
  return GROUP[name]
}

/** The group of a KE payload or INVALID_KE_PAYLOAD; `undefined`: not one of ours. */
export function groupName(number: number): GroupName | undefined {
  return (Object.keys(GROUP) as GroupName[]).find(name => GROUP[name] === number)
}

/** Whether both are the same, key length included. One with an attribute that is not understood is like none. */
export function sameTransform(a: Transform, b: Transform): boolean {
  const understood = !a.unknownAttribute && !b.unknownAttribute
  return understood && a.type === b.type && a.id === b.id && a.keyBits === b.keyBits
}

function encryption(id: number, keyBits: number): Transform {
  return { type: TRANSFORM.ENCRYPTION, id, keyBits }
}
