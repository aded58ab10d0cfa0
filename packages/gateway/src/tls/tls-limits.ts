/**
 * Bytes that may wait in one direction of a TLS connection. A peer's certificate chain and a 64 KB
 * key-method 2 message fit; what is past it is a peer that floods or does not read.
 */
export const TLS_BUFFER_BYTES: number = 256 * 1024

/** Certificates of a peer's chain that are looked at. */
export const PEER_CHAIN_LENGTH: number = 10

/** Bytes of keying material taken for each of OpenVPN's exporter labels. */
export const EXPORT_BYTES: number = 256
