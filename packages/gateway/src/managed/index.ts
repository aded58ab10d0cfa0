export {
  createManagedGateway,
  type ManagedGatewayOptions,
} from './create-managed-gateway.ts'
export type {
  ConnectionPeer,
  ConnectionResource,
  GatewayNetwork,
  GatewayResource,
  ManagedGateway,
} from './managed-gateway.ts'
export { OperatorChanges } from './operator-changes.ts'
export { PresentGateway } from './present-gateway.ts'
