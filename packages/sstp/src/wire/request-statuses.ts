import { catchFault, WireFault } from '@causeway/wire'
import { ATTRIBUTES, type SstpAttribute } from './attribute.ts'
import { ENCAPSULATED_PPP, readEncapsulatedProtocol } from './encapsulated-protocol.ts'
import { STATUSES } from './status.ts'
import { readStatusInfo, type StatusInfo, statusInfo } from './status-info.ts'

/**
 * What a server finds wrong with the attributes of a Call Connect Request ([MS-SSTP] §3.3.5.2.2), for its
 * negative acknowledgment. Empty: the request is accepted.
 */
export function connectRequestStatuses(attributes: readonly SstpAttribute[]): StatusInfo[] {
  const seen = new Set<number>()
  const statuses = attributes.flatMap(attribute => {
    const status = seen.has(attribute.id) ? STATUSES.DUPLICATE_ATTRIBUTE : statusOf(attribute)
    seen.add(attribute.id)
    return status === undefined ? [] : [refusal(attribute, status)]
  })
  if (!seen.has(ATTRIBUTES.ENCAPSULATED_PROTOCOL_ID)) {
    statuses.push(statusInfo(ATTRIBUTES.STATUS_INFO, STATUSES.REQUIRED_ATTRIBUTE_MISSING))
  }
  return statuses
}

function statusOf(attribute: SstpAttribute): number | undefined {
  switch (attribute.id) {
    case ATTRIBUTES.ENCAPSULATED_PROTOCOL_ID: {
      const protocol = catchFault(() => readEncapsulatedProtocol(attribute))
      if (protocol instanceof WireFault) return STATUSES.INVALID_ATTRIB_VALUE_LENGTH
      return protocol === ENCAPSULATED_PPP ? undefined : STATUSES.VALUE_NOT_SUPPORTED
    }
    case ATTRIBUTES.STATUS_INFO: {
      const info = catchFault(() => readStatusInfo(attribute))
      if (info instanceof WireFault) return STATUSES.INVALID_ATTRIB_VALUE_LENGTH
      return info.status === STATUSES.NO_ERROR ? undefined : STATUSES.STATUS_INFO_NOT_SUPPORTED_IN_MSG
    }
    default:
      return STATUSES.UNRECOGNIZED_ATTRIBUTE
  }
}

/** §2.2.12: the value is given back, except of an attribute that is not understood. */
function refusal({ id, value }: SstpAttribute, status: number): StatusInfo {
  return status === STATUSES.UNRECOGNIZED_ATTRIBUTE ? statusInfo(id, status) : statusInfo(id, status, value)
}
