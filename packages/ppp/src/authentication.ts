/** How a peer proves who it is (LCP option 3): EAP (RFC 3748), CHAP with MS-CHAPv2 (RFC 2759), PAP (RFC 1334). */
export type PppAuthentication = 'eap' | 'chap-mschapv2' | 'pap'

/** Keys that an authentication method left, for what binds the link to them. From our own side, 16 to 64 bytes each. */
export interface PppKeys {
  /** MS-MPPE-Send-Key: of what we send. The peer's receive key. */
  readonly send: Uint8Array
  /** MS-MPPE-Recv-Key. */
  readonly receive: Uint8Array
}
