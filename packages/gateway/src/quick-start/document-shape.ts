import {
  type Checked,
  type DocumentFault,
  type GatewaySettings,
  readGatewaySettings,
  readVirtualNetworkGateway,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { DocumentName } from '../arm/index.ts'
import { configurationRefused } from './command-error.ts'

/** The resource, its shape checked. Errors: `CommandError` `InvalidParameter`. */
export function resourceOf(value: unknown): VirtualNetworkGateway {
  return accepted(readVirtualNetworkGateway(value), 'gateway')
}

/** The settings, their shape checked. Errors: `CommandError` `InvalidParameter`. */
export function settingsOf(value: unknown): GatewaySettings {
  return accepted(readGatewaySettings(value), 'settings')
}

function accepted<Value>(read: Checked<Value, DocumentFault>, document: DocumentName): Value {
  if (read.type === 'bad') throw configurationRefused(read.faults.map(fault => ({ ...fault, document })))
  return read.value
}
