/**
 * EAP (RFC 3748) for IKEv2 and PPP, both roles: EAP-TLS, MSCHAPv2 as a relay, and pass-through. A
 * conversation is a value without I/O and without time; passwords, certificates and TLS are the outside's.
 */

export { createEapAuthenticator, type EapAuthenticator } from './authenticator/authenticator.ts'
export type { EapAuthenticatorOptions } from './authenticator/authenticator-options.ts'
export type {
  EapAuthenticatorMethodName,
  EapAuthenticatorOutput,
  EapAuthenticatorRequest,
  EapAuthenticatorSuccess,
} from './authenticator/authenticator-output.ts'
export type { EapAuthenticatorReply } from './authenticator/authenticator-reply.ts'
export type { EapCommand } from './command.ts'
export { EapError, type EapErrorCode } from './eap-error.ts'
export { EAP_LIMITS, type EapLimits } from './limits.ts'
export type { Mschapv2Keys } from './mschapv2-msk.ts'
export type { EapOutput } from './output.ts'
export { createEapPeer, type EapPeer, type EapPeerOptions } from './peer/peer.ts'
export type {
  EapPeerMethodName,
  EapPeerOutput,
  EapPeerReply,
  EapPeerRequest,
  EapPeerSuccess,
} from './peer/peer-output.ts'
export type { TlsAlert } from './tls/tls-alert.ts'
export { EAP_TLS_EXPORTS } from './tls/tls-keys.ts'
export type { EapTlsEstablished, EapTlsReport } from './tls/tls-report.ts'
export { EAP_CODES, type EapPacket, parseEapPacket, writeEapPacket } from './wire/eap-packet.ts'
export { type EapTlsPacket, parseEapTlsPacket, writeEapTlsPacket } from './wire/eap-tls-packet.ts'
export { EAP_TYPES, formatEapType } from './wire/eap-type.ts'
export { type Mschapv2Packet, parseMschapv2Packet, writeMschapv2Packet } from './wire/mschapv2-packet.ts'
export { readNak, writeNak } from './wire/nak.ts'
