/** Why something was not accepted ([MS-SSTP] §2.2.8, ATTRIB_STATUS_…). */
export const STATUSES = {
  NO_ERROR: 0x0,
  DUPLICATE_ATTRIBUTE: 0x1,
  UNRECOGNIZED_ATTRIBUTE: 0x2,
  INVALID_ATTRIB_VALUE_LENGTH: 0x3,
  VALUE_NOT_SUPPORTED: 0x4,
  UNACCEPTED_FRAME_RECEIVED: 0x5,
  RETRY_COUNT_EXCEEDED: 0x6,
  INVALID_FRAME_RECEIVED: 0x7,
  NEGOTIATION_TIMEOUT: 0x8,
  ATTRIB_NOT_SUPPORTED_IN_MSG: 0x9,
  REQUIRED_ATTRIBUTE_MISSING: 0xa,
  STATUS_INFO_NOT_SUPPORTED_IN_MSG: 0xb,
} as const

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUSES).map(([name, code]) => [code, name]),
)

/** A status as a log shows it; one that nobody has defined, as its number. */
export function formatStatus(status: number): string {
  return NAMES.get(status) ?? `status ${status}`
}
