export type {
  Datapath,
  DatapathOptions,
  DatapathSettings,
  DatapathTotals,
  OutgoingDatagram,
  PortInfo,
  PortOptions,
  Route,
  RouteChange,
  StreamOptions,
  StreamTls,
  StreamTlsStep,
  TunOptions,
} from './datapath.ts'
export { DatapathError, type DatapathErrorCode } from './datapath-error.ts'
export type { DatapathEvent } from './datapath-event.ts'
export type {
  CompressionFraming,
  DataCipher,
  DataDigest,
  DirectionKeys,
  EspCipher,
  EspFlowOptions,
  EspIntegrity,
  EspKeys,
  EspSa,
  FlowCounters,
  FlowOptions,
  FlowPath,
  OpenVpnFlowOptions,
  OpenVpnKeySlot,
  SstpFlowOptions,
} from './flow.ts'
export type { FlowId, KeyId, NatId, OpenVpnKeyId, PortId, StreamId } from './ids.ts'
export { createMemoryDatapath, type MemoryDatapath } from './memory-datapath.ts'
export {
  type Carry,
  MemoryNetwork,
  type MemorySocket,
  type NetworkPacket,
  type Sleeper,
} from './memory-network.ts'
export type { NatAddresses, NatRule, NatRules } from './nat-rules.ts'
export { createNativeDatapath } from './native-datapath.ts'
