/** The secrets of an IKE SA (RFC 7296 §2.14), cut from prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). */
export interface IkeKeys {
  /** Derives the keys of Child SAs and of successors. */
  readonly skD: Uint8Array
  /** Integrity keys; empty with GCM. */
  readonly skAi: Uint8Array
  readonly skAr: Uint8Array
  /** Encryption keys; with GCM followed by the 4-byte salt (RFC 5282 §7.1). */
  readonly skEi: Uint8Array
  readonly skEr: Uint8Array
  /** For the AUTH payload. */
  readonly skPi: Uint8Array
  readonly skPr: Uint8Array
}
