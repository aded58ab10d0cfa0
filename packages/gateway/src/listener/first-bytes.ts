/** What a new TCP connection on the shared port turns out to be. */
export type FirstBytes = 'openvpn' | 'tls' | 'unknown' | 'incomplete'

/** P_CONTROL_HARD_RESET_CLIENT_V2 and _V3, with key id 0, as OpenVPN's first byte has them. */
const HARD_RESET_CLIENT = new Set([7 << 3, 10 << 3])

/** Opcode, session id, an empty acknowledgement array and a packet id. */
const SHORTEST_RESET = 14

/** TLS ContentType handshake (RFC 8446 §5.1) and the major version of every record. */
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR = 3

/** Tells OpenVPN (a 16-bit length, then an opcode) from TLS (SSTP, HTTPS) by at most three bytes. */
export function tellByFirstBytes(bytes: Uint8Array): FirstBytes {
  const [first, second, third] = bytes
  if (first === undefined) return 'incomplete'
  if (first === TLS_HANDSHAKE) {
    if (second === undefined) return 'incomplete'
    if (second === TLS_MAJOR) return 'tls'
  }
  if (second === undefined || third === undefined) return 'incomplete'
  const length = (first << 8) | second
  return length >= SHORTEST_RESET && HARD_RESET_CLIENT.has(third) ? 'openvpn' : 'unknown'
}
