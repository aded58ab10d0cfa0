/** What a peer may make us hold or do. Times in milliseconds. Each is ours unless a source is named. */

/** How long something outside may take to answer a request. */
export const REQUEST_MS = 30_000
/** From the first message to the end of IKE_AUTH, EAP with a user's thinking time included. */
export const HALF_OPEN_MS = 60_000
/** Half-open IKE SAs in all; beyond, IKE_SA_INIT is not answered. */
export const HALF_OPEN_TOTAL = 10_000
/** Half-open IKE SAs of one source prefix (/24 or /64); raised for carrier-grade NAT. */
export const HALF_OPEN_PER_PREFIX = 200
/** Half-open IKE SAs in all, or of one prefix, from which on a cookie is asked for (RFC 7296 §2.6). */
export const COOKIE_TOTAL = 100
export const COOKIE_PER_PREFIX = 10
/** A cookie secret's life; the one before it still counts. */
export const COOKIE_SECRET_MS = 60_000
/** Retransmission (RFC 7296 §2.4): first wait, factor, number of repeats: about two minutes in all. */
export const RETRANSMIT_FIRST_MS = 1_000
export const RETRANSMIT_FACTOR = 1.8
export const RETRANSMIT_REPEATS = 6
/** Fragments of one message (RFC 7383), their bytes together, and how long they may take. */
export const FRAGMENTS = 128
export const FRAGMENTED_BYTES = 65_536
export const FRAGMENT_MS = 15_000
/** Largest IKE message in bytes. */
export const MESSAGE_BYTES = 65_535
/** Payloads of one message, proposals of an SA payload, transforms of a proposal, selectors, attributes. */
export const PAYLOADS = 128
export const PROPOSALS = 64
export const TRANSFORMS = 64
export const SELECTORS = 64
export const ATTRIBUTES = 64
/** CERT payloads of one message, and bytes of one certificate. */
export const CERTIFICATES = 16
export const CERTIFICATE_BYTES = 16_384
/** Child SAs of one IKE SA, rekeyed ones included. */
export const CHILD_SAS = 64
/** EAP rounds of one IKE_AUTH. */
export const EAP_ROUNDS = 128
/** Tasks that wait in one IKE SA. */
export const WAITING_TASKS = 32
