import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/** RFC 1334 §2.2. */
export const PAP_CODES = { authenticateRequest: 1, authenticateAck: 2, authenticateNak: 3 } as const

/** Lengths stand in one byte. */
export const PAP_FIELD_BYTES = 255

/**
 * Data of an Authenticate-Request (RFC 1334 §2.2.1): both with their length in one byte before them. Views of the
 * input when read.
 */
export interface PapCredentials {
  readonly username: Uint8Array
  readonly password: Uint8Array
}

/** What trails is not looked at: old peers pad. */
export function parsePapCredentials(data: Uint8Array): PapCredentials | WireFault {
  return catchFault(() => {
    const reader = new Reader(data)
    const username = reader.bytes(reader.u8('Peer-ID Length'), 'Peer-ID')
    const password = reader.bytes(reader.u8('Passwd-Length'), 'Password')
    return { username, password }
  })
}

export function writePapCredentials({ username, password }: PapCredentials): Uint8Array {
  return new Writer().u8(username.length).bytes(username).u8(password.length).bytes(password).finish()
}

/** Data of an Authenticate-Ack or -Nak (RFC 1334 §2.2.2): a message with its length, or nothing at all. */
export function writePapMessage(message: Uint8Array): Uint8Array {
  return new Writer().u8(message.length).bytes(message).finish()
}

/** The message; old peers leave out even its length. */
export function parsePapMessage(data: Uint8Array): Uint8Array | WireFault {
  return catchFault(() => {
    const reader = new Reader(data)
    return reader.remaining === 0 ? reader.rest() : reader.bytes(reader.u8('Msg-Length'), 'Message')
  })
}
