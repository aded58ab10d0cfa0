export {
  createPacketCapture,
  type PacketCapture,
  type PacketCaptureOptions,
} from './capture/packet-capture.ts'
export {
  DIAGNOSTIC_CATEGORIES,
  type DiagnosticCategory,
  DiagnosticLogs,
  type DiagnosticResource,
} from './diagnostic-log.ts'
export { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts'
export { type GatewayObserver, type GatewayReadings, NO_OBSERVER } from './gateway-observer.ts'
export { ikeMessageText } from './ike-message.ts'
export { observedRelay } from './observed-relay.ts'
export { type TunnelColumns, type TunnelLine, TunnelLog } from './tunnel-log.ts'
