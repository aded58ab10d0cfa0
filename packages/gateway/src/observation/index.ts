export {
  createPacketCapture,
  type PacketCapture,
  type PacketCaptureOptions,
} from './capture/packet-capture.ts'
export { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts'
export { type GatewayObserver, type GatewayReadings, NO_OBSERVER } from './gateway-observer.ts'
export { observedRelay } from './observed-relay.ts'
