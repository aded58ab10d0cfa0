/** EAP method types (RFC 3748 §5, IANA's registry of EAP method types). */
export const EAP_TYPES = {
  IDENTITY: 1,
  NOTIFICATION: 2,
  /** Legacy Nak: only in a Response. */
  NAK: 3,
  MD5_CHALLENGE: 4,
  ONE_TIME_PASSWORD: 5,
  /** Generic Token Card: carries passwords in the clear; never offered, never accepted. */
  GTC: 6,
  TLS: 13,
  TTLS: 21,
  PEAP: 25,
  MSCHAPV2: 26,
  EXPANDED: 254,
} as const

const NAMES: ReadonlyMap<number, string> = new Map([
  [EAP_TYPES.IDENTITY, 'Identity'],
  [EAP_TYPES.NOTIFICATION, 'Notification'],
  [EAP_TYPES.NAK, 'Nak'],
  [EAP_TYPES.MD5_CHALLENGE, 'EAP-MD5'],
  [EAP_TYPES.ONE_TIME_PASSWORD, 'EAP-OTP'],
  [EAP_TYPES.GTC, 'EAP-GTC'],
  [EAP_TYPES.TLS, 'EAP-TLS'],
  [EAP_TYPES.TTLS, 'EAP-TTLS'],
  [EAP_TYPES.PEAP, 'PEAP'],
  [EAP_TYPES.MSCHAPV2, 'EAP-MSCHAPv2'],
  [EAP_TYPES.EXPANDED, 'an expanded type'],
])

/** The type's name for the log; a number where it has none here. */
export function formatEapType(type: number): string {
  return NAMES.get(type) ?? `EAP type ${type}`
}
