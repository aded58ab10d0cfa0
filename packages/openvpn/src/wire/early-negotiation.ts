import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/** What a reset's payload negotiates before TLS (OpenVPN doc/tls-crypt-v2.txt, "HMAC Cookie support"). */
export interface EarlyNegotiation {
  /** The client must send its wrapped key again, in CONTROL_WKC_V1. */
  readonly resendWrappedKey: boolean
}

/** A client whose first wrap packet id is in 0x0f000000–0x0fffffff can resend its wrapped key. */
export const EARLY_NEGOTIATION_START = 0x0f000000

const TYPE_FLAGS = 1
const FLAG_RESEND_WKC = 1

/** Whether the wrap's packet id of a HARD_RESET_CLIENT_V3 says that the client can resend its key. */
export function offersEarlyNegotiation(wrapPacketId: number): boolean {
  return wrapPacketId >>> 24 === EARLY_NEGOTIATION_START >>> 24
}

/** Reads type-length-value fields (16-bit type, 16-bit length); unknown types are skipped. Errors: the fault. */
export function readEarlyNegotiation(payload: Uint8Array): EarlyNegotiation | WireFault {
  return catchFault(() => {
    const reader = new Reader(payload)
    let resendWrappedKey = false
    while (reader.remaining > 0) {
      const type = reader.u16('early negotiation type')
      const value = reader.sub(reader.u16('early negotiation length'), 'early negotiation value')
      if (type !== TYPE_FLAGS) continue
      resendWrappedKey ||= (value.u16('early negotiation flags') & FLAG_RESEND_WKC) !== 0
      value.end('early negotiation flags')
    }
    return { resendWrappedKey }
  })
}

/** The payload of HARD_RESET_SERVER_V2; empty when nothing is asked. */
export function writeEarlyNegotiation(negotiation: EarlyNegotiation): Uint8Array {
  if (!negotiation.resendWrappedKey) return new Uint8Array(0)
  return new Writer(6).u16(TYPE_FLAGS).u16(2).u16(FLAG_RESEND_WKC).finish()
}
