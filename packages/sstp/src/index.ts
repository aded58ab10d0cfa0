/** SSTP ([MS-SSTP]) of both roles: HTTP opening, crypto binding and the call around a PPP link, without I/O. */

export type { BindingHash } from './binding/binding-hash.ts'
export { type BindingTerms, writeCallConnected } from './binding/call-connected.ts'
export { compoundMac, higherLayerKey } from './binding/compound-mac.ts'
export { readSstpAnswer, type SstpAnswer, writeSstpOpening } from './http/client-opening.ts'
export { MAX_HEAD_BYTES } from './http/http-head.ts'
export {
  readSstpOpening,
  type SstpOpening,
  type SstpRefusalStatus,
  sstpOpeningAnswer,
  sstpRefusal,
} from './http/server-opening.ts'
export type { CallId, CertificateHashes, SstpCommand } from './sstp-command.ts'
export { createSstpEngine, type SstpEngine } from './sstp-engine.ts'
export { SstpError, type SstpErrorCode } from './sstp-error.ts'
export type { SstpOptions, SstpSettings } from './sstp-options.ts'
export type { SstpEvent, SstpFlowTerms, SstpOutput } from './sstp-output.ts'
export { type InvalidMessage, MESSAGE_TYPES, type SstpMessage, type SstpMessageType } from './wire/message.ts'
export {
  MAX_FRAME_BYTES,
  MAX_PACKET_BYTES,
  parseSstpPacket,
  SSTP_HEADER_BYTES,
  type SstpPacket,
  writeControlPacket,
  writeDataPacket,
} from './wire/packet.ts'
export { STATUSES } from './wire/status.ts'
export type { StatusInfo } from './wire/status-info.ts'
