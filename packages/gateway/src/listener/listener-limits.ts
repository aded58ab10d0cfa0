import type { ConnectionLimits } from './connection-census.ts'

/** How long a stranger may take to show by its first bytes what it wants. */
export const FIRST_BYTES_MILLISECONDS: number = 10_000

/** How long a TLS connection may take from its first bytes to a complete HTTP request. */
export const REQUEST_MILLISECONDS: number = 15_000

/**
 * Bytes that a TLS handshake may bring: a hello of the size that is let through and what follows it, for no
 * certificate is asked for.
 */
export const HANDSHAKE_BYTES: number = 32 * 1024

/**
 * How long an OpenVPN connection or an SSTP call may take to be established: longer than the engine gives a handshake
 * and an authentication together. It ends peers that never got as far as a session.
 */
export const HANDSHAKE_MILLISECONDS: number = 150_000

/** How long a connection may take to close after its last bytes were handed to the system. */
export const CLOSE_MILLISECONDS: number = 2_000

/** TCP connections at once. Behind one IPv4 network may be a carrier's shared addresses. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  perIpv4Network: 2_048,
  perIpv6Network: 512,
  total: 20_000,
}

/** Bytes that a paused socket still reads ahead: as good as none. */
export const SOCKET_BYTES: number = 1
