import { Writer } from '@causeway/wire'
import { ATTRIBUTES, attributeReader, type SstpAttribute } from './attribute.ts'

/**
 * Status Info ([MS-SSTP] §2.2.8): what is wrong with which attribute, or why a call ends.
 *
 * ```
 * +-----------------------------------------------+---------------+
 * |                   Reserved1                   |   AttribID    |
 * +-----------------------------------------------+---------------+
 * |                            Status                             |
 * +---------------------------------------------------------------+
 * |  AttribValue ...
 * +-------------
 * ```
 */
export interface StatusInfo {
  /** The attribute that is meant. */
  readonly attribute: number
  readonly status: number
  /** The value that was refused, its first 64 bytes at most. Empty where there is nothing to give back. */
  readonly value: Uint8Array
}

/** The most of a refused value that is given back. */
export const MAX_STATUS_VALUE_BYTES = 64

const NOTHING = new Uint8Array(0)

/** A status with the value that it is about, shortened where it must be. */
export function statusInfo(attribute: number, status: number, value: Uint8Array = NOTHING): StatusInfo {
  return { attribute, status, value: value.slice(0, MAX_STATUS_VALUE_BYTES) }
}

/** Errors: `WireFault` when it is too short, or gives back more than 64 bytes. */
export function readStatusInfo(attribute: SstpAttribute): StatusInfo {
  const reader = attributeReader(attribute)
  reader.skip(3, 'Reserved1')
  const id = reader.u8('AttribID')
  const status = reader.u32('Status')
  if (reader.remaining > MAX_STATUS_VALUE_BYTES) reader.fail('limit', 'AttribValue')
  return { attribute: id, status, value: reader.rest() }
}

export function writeStatusInfo({ attribute, status, value }: StatusInfo): SstpAttribute {
  const body = new Writer(8 + value.length).u24(0).u8(attribute).u32(status).bytes(value).finish()
  return { id: ATTRIBUTES.STATUS_INFO, value: body }
}
