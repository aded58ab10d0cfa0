/** Data channel ciphers, by OpenVPN's names, which are also their names in IV_CIPHERS. */
export const DATA_CIPHERS = {
  'AES-128-GCM': { kind: 'aead', keyBytes: 16 },
  'AES-192-GCM': { kind: 'aead', keyBytes: 24 },
  'AES-256-GCM': { kind: 'aead', keyBytes: 32 },
  'CHACHA20-POLY1305': { kind: 'aead', keyBytes: 32 },
  'AES-128-CBC': { kind: 'cbc', keyBytes: 16 },
  'AES-192-CBC': { kind: 'cbc', keyBytes: 24 },
  'AES-256-CBC': { kind: 'cbc', keyBytes: 32 },
} as const

export type DataCipher = keyof typeof DATA_CIPHERS

/** HMAC of the CBC ciphers. */
export type DataDigest = 'SHA1' | 'SHA256' | 'SHA512'

/** The framing left by compression that is never used (see the datapath's type of the same name). */
export type CompressionFraming = 'none' | 'lzo-stub' | 'stub' | 'stub-v2'

/** 3-bit key id: 0 is the first key of a session, 1–7 in turn for renegotiations. */
export type KeyId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** One direction's keys. AEAD: `authKey` is the 8-byte implicit IV. CBC: the HMAC key. */
export interface DirectionKeys {
  readonly cipherKey: Uint8Array
  readonly authKey: Uint8Array
}

/** Keys ready to be installed in the datapath. */
export interface DataKeys {
  readonly keyId: KeyId
  readonly cipher: DataCipher
  /** Only for CBC. */
  readonly digest?: DataDigest
  readonly format: 'standard' | 'epoch'
  readonly send: DirectionKeys
  readonly receive: DirectionKeys
  readonly compression: CompressionFraming
}
