/** The life of a site-to-site connection. */
export {
  type ConnectionEngine,
  type ConnectionOptions,
  createConnection,
} from './connection.ts'
export type {
  ConnectionCommand,
  ConnectionReply,
  RequestId,
  SessionId,
  SessionNews,
} from './connection-command.ts'
export {
  type ConnectionOutput,
  type ConnectionRequest,
  type ConnectionStatus,
  type ConnectionStatusName,
  EXPIRY_DAYS,
  type ExpiryDays,
  type IncomingAnswer,
  type LogCode,
  type LogLevel,
  type Reason,
  type ReasonCode,
  type TunnelChange,
  type TunnelStatus,
} from './connection-output.ts'
export {
  type ConnectionMode,
  type ConnectionPlan,
  type OwnProof,
  type PlanChange,
  type PlanDigests,
  planChange,
  type RemotePlace,
  type TunnelPlan,
} from './connection-plan.ts'
export { type ConnectionLimits, DEFAULT_LIMITS } from './limits.ts'
export type { Material, MaterialRefusal, MaterialRefusalReason } from './material.ts'
