import { Writer } from '@causeway/wire'
import { ATTRIBUTES, attributeReader, type SstpAttribute } from './attribute.ts'

/** The one protocol that SSTP carries. */
export const ENCAPSULATED_PPP = 1

/** Encapsulated Protocol ID ([MS-SSTP] §2.2.5): two bytes. Errors: `WireFault` when they are not two. */
export function readEncapsulatedProtocol(attribute: SstpAttribute): number {
  const reader = attributeReader(attribute)
  const protocol = reader.u16('Protocol ID')
  reader.end('Protocol ID')
  return protocol
}

export function writeEncapsulatedProtocol(protocol: number): SstpAttribute {
  return { id: ATTRIBUTES.ENCAPSULATED_PROTOCOL_ID, value: new Writer(2).u16(protocol).finish() }
}
