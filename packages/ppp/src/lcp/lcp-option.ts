import { Writer } from '@causeway/wire'
import type { PppAuthentication } from '../authentication.ts'
import type { Option } from '../wire/option.ts'
import { PROTOCOLS } from '../wire/protocol.ts'

/**
 * LCP options that are negotiated (RFC 1661 §6); all others are rejected. The control character map is agreed to and
 * nothing follows from it: behind a lower layer with frames there may be one with characters (RFC 1662 §6, §7.1), as
 * between pppd and sstpc.
 */
export const LCP_OPTIONS = {
  mru: 1,
  controlCharacterMap: 2,
  authentication: 3,
  magicNumber: 5,
  protocolCompression: 7,
  addressControlCompression: 8,
} as const

/** MS-CHAPv2 as an algorithm of CHAP (RFC 2759 §2). */
const MSCHAPV2 = 0x81

const AUTHENTICATION_DATA: Readonly<Record<PppAuthentication, readonly number[]>> = {
  eap: [PROTOCOLS.eap >> 8, PROTOCOLS.eap & 0xff],
  'chap-mschapv2': [PROTOCOLS.chap >> 8, PROTOCOLS.chap & 0xff, MSCHAPV2],
  pap: [PROTOCOLS.pap >> 8, PROTOCOLS.pap & 0xff],
}

export function mruOption(mru: number): Option {
  return { type: LCP_OPTIONS.mru, data: new Writer().u16(mru).finish() }
}

/** `undefined` when it has not two bytes. */
export function readMru({ data }: Option): number | undefined {
  return data.length === 2 ? ((data[0] as number) << 8) | (data[1] as number) : undefined
}

export function authenticationOption(method: PppAuthentication): Option {
  return { type: LCP_OPTIONS.authentication, data: Uint8Array.from(AUTHENTICATION_DATA[method]) }
}

/** The method that an Authentication-Protocol option names; `undefined`: none that this package speaks. */
export function readAuthentication({ data }: Option): PppAuthentication | undefined {
  const methods = Object.keys(AUTHENTICATION_DATA) as PppAuthentication[]
  return methods.find(method => {
    const own = AUTHENTICATION_DATA[method]
    return own.length === data.length && own.every((byte, i) => byte === data[i])
  })
}

export function magicOption(data: Uint8Array): Option {
  return { type: LCP_OPTIONS.magicNumber, data }
}

export const MAGIC_BYTES = 4
/** Bytes of a control character map (RFC 1662 §7.1). */
export const MAP_BYTES = 4

export function flagOption(type: number): Option {
  return { type, data: new Uint8Array(0) }
}
