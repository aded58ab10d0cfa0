import type { TrafficSelector } from '@causeway/wire'
import type { Identification } from '../identification.ts'

/** The fixed header (RFC 7296 §3.1), without next payload and length. */
export interface IkeHeader {
  /** 8 bytes each; the responder's is zero in the first request. */
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  /** A number of `EXCHANGE`; others are kept for the error that answers them. */
  readonly exchange: number
  /** Flag I: sent by the original initiator of this IKE SA. */
  readonly fromInitiator: boolean
  /** Flag R. */
  readonly response: boolean
  /** 0 to 2³² − 1. */
  readonly messageId: number
}

/** One transform of a proposal (RFC 7296 §3.3.2); numbers as on the wire. */
export interface Transform {
  /** A number of `TRANSFORM`: 1 encryption, 2 PRF, 3 integrity, 4 group, 5 ESN. */
  readonly type: number
  readonly id: number
  /** The Key Length attribute in bits. */
  readonly keyBits?: number
  /** An attribute other than Key Length was there: such a transform is never chosen. */
  readonly unknownAttribute?: boolean
}

export interface Proposal {
  /** 1, 2, …; a reply repeats the number it chose. */
  readonly number: number
  /** 1 IKE, 2 AH, 3 ESP. */
  readonly protocol: number
  /** 0, 4 or 8 bytes. */
  readonly spi: Uint8Array
  readonly transforms: readonly Transform[]
}

export interface ConfigurationAttribute {
  readonly type: number
  readonly value: Uint8Array
}

/** A payload (RFC 7296 §3.2 and on) but for SK and SKF, which protection takes off. Unknown ones are skipped. */
export type Payload =
  | { readonly type: 'SA'; readonly proposals: readonly Proposal[] }
  | { readonly type: 'KE'; readonly group: number; readonly data: Uint8Array }
  | { readonly type: 'IDi'; readonly identification: Identification }
  | { readonly type: 'IDr'; readonly identification: Identification }
  | { readonly type: 'CERT'; readonly encoding: number; readonly data: Uint8Array }
  | { readonly type: 'CERTREQ'; readonly encoding: number; readonly authorities: Uint8Array }
  | { readonly type: 'AUTH'; readonly method: number; readonly data: Uint8Array }
  | { readonly type: 'NONCE'; readonly data: Uint8Array }
  | {
      readonly type: 'N'
      /** 0 where it concerns no Child SA. */
      readonly protocol: number
      readonly spi: Uint8Array
      /** A number of `NOTIFY`: below 16384 an error. */
      readonly notify: number
      readonly data: Uint8Array
    }
  | { readonly type: 'D'; readonly protocol: number; readonly spis: readonly Uint8Array[] }
  | { readonly type: 'V'; readonly data: Uint8Array }
  | { readonly type: 'TSi'; readonly selectors: readonly TrafficSelector[] }
  | { readonly type: 'TSr'; readonly selectors: readonly TrafficSelector[] }
  | {
      readonly type: 'CP'
      /** 1 request, 2 reply, 3 set, 4 ack. */
      readonly configurationType: number
      readonly attributes: readonly ConfigurationAttribute[]
    }
  | { readonly type: 'EAP'; readonly packet: Uint8Array }

export type PayloadOf<Type extends Payload['type']> = Extract<Payload, { readonly type: Type }>

/** A message whose protection, if it has any, has been checked and taken off. */
export interface IkeMessage {
  readonly header: IkeHeader
  /** In their order on the wire. */
  readonly payloads: readonly Payload[]
}

/** What is wrong with the payloads of an authentic message, and what the peer is told. */
export type PayloadFault =
  /** INVALID_SYNTAX. `detail` for the log. */
  | { readonly type: 'invalid-syntax'; readonly detail: string }
  /** UNSUPPORTED_CRITICAL_PAYLOAD with the payload's number. */
  | { readonly type: 'unsupported-critical-payload'; readonly payload: number }
