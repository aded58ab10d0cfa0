import { WireFault } from '@causeway/wire'
import { ATTRIBUTES, type SstpAttribute } from './attribute.ts'
import { type CryptoBinding, readCryptoBinding, writeCryptoBinding } from './crypto-binding.ts'
import {
  type CryptoBindingRequest,
  readCryptoBindingRequest,
  writeCryptoBindingRequest,
} from './crypto-binding-request.ts'
import { readEncapsulatedProtocol, writeEncapsulatedProtocol } from './encapsulated-protocol.ts'
import { connectRequestStatuses } from './request-statuses.ts'
import { STATUSES } from './status.ts'
import { readStatusInfo, type StatusInfo, statusInfo, writeStatusInfo } from './status-info.ts'

/** Message types ([MS-SSTP] §2.2.2). */
export const MESSAGE_TYPES = {
  'call-connect-request': 1,
  'call-connect-ack': 2,
  'call-connect-nak': 3,
  'call-connected': 4,
  'call-abort': 5,
  'call-disconnect': 6,
  'call-disconnect-ack': 7,
  'echo-request': 8,
  'echo-response': 9,
} as const

export type SstpMessageType = keyof typeof MESSAGE_TYPES

/** A control message ([MS-SSTP] §2.2.9 to 2.2.15). */
export type SstpMessage =
  | { readonly type: 'call-connect-request'; readonly protocol: number }
  | { readonly type: 'call-connect-ack'; readonly request: CryptoBindingRequest }
  | { readonly type: 'call-connect-nak'; readonly statuses: readonly StatusInfo[] }
  | { readonly type: 'call-connected'; readonly binding: CryptoBinding }
  /** Windows always gives a status; others may not. */
  | { readonly type: 'call-abort' | 'call-disconnect'; readonly status?: StatusInfo }
  | { readonly type: 'call-disconnect-ack' | 'echo-request' | 'echo-response' }

/** A message of a good frame that cannot be accepted, and what its sender is to be told of it. */
export interface InvalidMessage {
  readonly type: 'invalid'
  /** `undefined`: of no known type, or its attributes could not be told apart. */
  readonly messageType: SstpMessageType | undefined
  /** To a Call Connect Request: of the negative acknowledgment. Else one, of the abort. */
  readonly statuses: readonly StatusInfo[]
}

/** Statuses that are read or written in one message; more say nothing new. */
export const MAX_STATUSES = 8

const TYPES: ReadonlyMap<number, SstpMessageType> = new Map(
  Object.entries(MESSAGE_TYPES).map(([type, code]) => [code, type as SstpMessageType]),
)

/** Reads a message whose attributes have been told apart. */
export function readMessage(
  code: number,
  attributes: readonly SstpAttribute[],
): SstpMessage | InvalidMessage {
  const type = TYPES.get(code)
  if (!type) return UNREADABLE_MESSAGE
  if (type === 'call-connect-request') return readConnectRequest(attributes)
  try {
    return readKnown(type, attributes)
  } catch (thrown) {
    if (!(thrown instanceof WireFault)) throw thrown
    return unsupported(type)
  }
}

/** The attributes of a message. */
export function messageAttributes(message: SstpMessage): SstpAttribute[] {
  switch (message.type) {
    case 'call-connect-request':
      return [writeEncapsulatedProtocol(message.protocol)]
    case 'call-connect-ack':
      return [writeCryptoBindingRequest(message.request)]
    case 'call-connect-nak':
      return message.statuses.map(writeStatusInfo)
    case 'call-connected':
      return [writeCryptoBinding(message.binding)]
    case 'call-abort':
    case 'call-disconnect':
      return message.status ? [writeStatusInfo(message.status)] : []
    case 'call-disconnect-ack':
    case 'echo-request':
    case 'echo-response':
      return []
    default:
      return message satisfies never
  }
}

/** §2.2.8: the type or the form of a frame is not known. */
export const UNREADABLE_MESSAGE: InvalidMessage = {
  type: 'invalid',
  messageType: undefined,
  statuses: [statusInfo(ATTRIBUTES.STATUS_INFO, STATUSES.INVALID_FRAME_RECEIVED)],
}

function readConnectRequest(attributes: readonly SstpAttribute[]): SstpMessage | InvalidMessage {
  const type = 'call-connect-request'
  const statuses = connectRequestStatuses(attributes).slice(0, MAX_STATUSES)
  if (statuses.length > 0) return { type: 'invalid', messageType: type, statuses }
  const named = attributes.find(({ id }) => id === ATTRIBUTES.ENCAPSULATED_PROTOCOL_ID) as SstpAttribute
  return { type, protocol: readEncapsulatedProtocol(named) }
}

/** Errors: `WireFault` when the one attribute of the message has not its form. */
function readKnown(
  type: Exclude<SstpMessageType, 'call-connect-request'>,
  attributes: readonly SstpAttribute[],
): SstpMessage | InvalidMessage {
  const [first] = attributes
  const only = (id: number): boolean => attributes.length === 1 && first?.id === id
  switch (type) {
    case 'call-connect-ack':
      if (!first || !only(ATTRIBUTES.CRYPTO_BINDING_REQUEST)) return unsupported(type)
      return { type, request: readCryptoBindingRequest(first) }
    case 'call-connected':
      if (!first || !only(ATTRIBUTES.CRYPTO_BINDING)) return unsupported(type)
      return { type, binding: readCryptoBinding(first) }
    case 'call-connect-nak':
      if (!first || attributes.some(({ id }) => id !== ATTRIBUTES.STATUS_INFO)) return unsupported(type)
      return { type, statuses: attributes.slice(0, MAX_STATUSES).map(readStatusInfo) }
    case 'call-abort':
    case 'call-disconnect':
      if (!first) return { type }
      if (!only(ATTRIBUTES.STATUS_INFO)) return unsupported(type)
      return { type, status: readStatusInfo(first) }
    case 'call-disconnect-ack':
    case 'echo-request':
    case 'echo-response':
      return first ? unsupported(type) : { type }
    default:
      return type satisfies never
  }
}

/** §3.3.5.2.3: an attribute is missing, has not its length, or does not belong there. */
function unsupported(messageType: SstpMessageType): InvalidMessage {
  const status = statusInfo(ATTRIBUTES.STATUS_INFO, STATUSES.ATTRIB_NOT_SUPPORTED_IN_MSG)
  return { type: 'invalid', messageType, statuses: [status] }
}
