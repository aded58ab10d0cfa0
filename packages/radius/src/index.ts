/** RADIUS client (RFC 2865, 2866, 3579, 5176, 6614) without I/O, and the receiving side of dynamic authorization. */

export type {
  AccessAccept,
  AccessChallenge,
  AccessReject,
  MppeKeys,
  MschapError,
  Mschapv2Success,
} from './client/access-answer.ts'
export { createRadiusClient, type RadiusClient } from './client/client.ts'
export type {
  AccessCommand,
  AccessCredential,
  AccountingCommand,
  AccountingCounters,
  AccountingRecord,
  Continuation,
  LaneId,
  RadiusCommand,
  RadiusPath,
  RequestId,
} from './client/client-command.ts'
export type {
  NasIdentity,
  Purpose,
  RadiusClientOptions,
  RadiusServer,
  ServerId,
} from './client/client-options.ts'
export type {
  DropReason,
  FailureReason,
  RadiusAnswer,
  RadiusEvent,
  RadiusOutput,
  RequestFailure,
  ServerState,
} from './client/client-output.ts'
export { eapMsk } from './client/eap-msk.ts'
export { type SessionPlace, sessionAttributes } from './client/session-attributes.ts'
export type {
  DynamicAuthorizationOptions,
  DynamicCommand,
  DynamicDropReason,
  DynamicEvent,
  DynamicOutput,
  DynamicPath,
  DynamicReply,
  DynamicSource,
} from './dynamic/dynamic-options.ts'
export type { AuthorizationChange, DynamicRequest, SessionSelector } from './dynamic/dynamic-request.ts'
export { createDynamicAuthorization, type DynamicAuthorization } from './dynamic/dynamic-server.ts'
export { DEFAULT_LIMITS, type RadiusLimits } from './limits.ts'
export { RadiusError, type RadiusErrorCode } from './radius-error.ts'
export {
  ATTRIBUTES,
  type AttributeFormat,
  type AttributeName,
  type AttributeValue,
  ERROR_CAUSES,
  type ErrorCause,
  type FormatValues,
  type NamedAttribute,
  TERMINATE_CAUSES,
  type TerminateCause,
  VALUES,
} from './wire/attribute-names.ts'
export { CODES } from './wire/code.ts'
export { parseRadiusPacket, type RadiusPacket, type ReceivedPacket } from './wire/packet.ts'
