/** What a peer may make us hold or do. Times in milliseconds. Each is ours unless a source is named. */

/** How long something outside may take to answer a request. */
export const REQUEST_MS = 30_000
/** From the first message to the end of IKE_AUTH, EAP with a user's thinking time included. */
export const HALF_OPEN_MS = 60_000
/** Half-open IKE SAs in all; beyond, the one that has waited longest gives way to a newcomer. */
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
export const RETRANSMIT_REPEATS = 7
/** Each wait is shortened or lengthened by up to this share, so that peers do not beat in time. */
export const RETRANSMIT_JITTER = 0.1
/** How long a question for life waits at the least, where the terms say when a silent peer is gone: four sendings. */
export const LIVENESS_ANSWER_MS = 10_000
/** How often IKE_SA_INIT begins anew because of a cookie or another group. */
export const INITIAL_RETRIES = 6
/** After a refusal that nothing authenticates: how long a better answer is waited for (RFC 7296 §2.21.1). */
export const REFUSED_MS = 10_000
/** How often one response of IKE_SA_INIT is sent again: its receiver has shown nothing yet. */
export const INITIAL_REPEATS = 16
/** How often a later response is sent again for one request. */
export const RESPONSE_REPEATS = 16
/** Bytes of an IKE_SA_INIT request: it is kept until the peer is authenticated. */
export const INITIAL_BYTES = 8_192
/** Vendor ids of a peer that are kept, and bytes of each. */
export const VENDOR_IDS = 16
export const VENDOR_ID_BYTES = 64
/** Bytes of a cookie (RFC 7296 §2.6). */
export const COOKIE_BYTES = 64
/** How long the answer to our DELETE is waited for, and how long a rekeyed IKE SA waits for the peer's. */
export const DELETE_MS = 15_000
export const REPLACED_MS = 120_000
/**
 * Unprotected answers that only end something (NO_PROPOSAL_CHOSEN and the like) a second; beyond, the request is
 * dropped. What an honest initiator needs to go on, a cookie or another group, is not counted.
 */
export const ERROR_ANSWERS_PER_SECOND = 100
/** Of those, how many are told as events. */
export const REFUSAL_EVENTS_PER_SECOND = 10
/** How long the refusal of a peer is kept to be repeated, how often, and how many of them. */
export const LAST_WORDS_MS = 30_000
export const LAST_WORDS_REPEATS = 8
export const LAST_WORDS = 1_000
/** ADDITIONAL_*_ADDRESS of one message (RFC 4555). */
export const ADDITIONAL_ADDRESSES = 16
/** Bytes of our COOKIE2 (RFC 4555 §4.2.5: 8 to 64). */
export const COOKIE2_BYTES = 16
/** An IKE SA is rekeyed, and authenticated anew, up to this share of the time before it must be. */
export const LIFETIME_JITTER = 0.1
/** An initiator authenticates anew after this share of the time that it has: the new session has to come about. */
export const REAUTHENTICATION_SHARE = 0.9
/** How long a responder waits beyond the lifetime of an authentication for the new one. */
export const REAUTHENTICATION_GRACE_MS = 60_000
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
/** SPIs of one Delete payload. */
export const DELETED_SPIS = 256
/** CERT payloads of one message, and bytes of one certificate. */
export const CERTIFICATES = 16
export const CERTIFICATE_BYTES = 16_384
/** IKE SAs of one session, rekeyed ones included: a peer that rekeys deletes what it has replaced. */
export const IKE_SAS = 16
/** Child SAs of one IKE SA, rekeyed ones included, where the terms have no other number. */
export const CHILD_SAS = 64
/** EAP rounds of one IKE_AUTH. */
export const EAP_ROUNDS = 128
/** Tasks that wait in one IKE SA; as many as it may have Child SAs, where that is more. */
export const WAITING_TASKS = 32
/** After TEMPORARY_FAILURE (RFC 7296 §2.25): first wait before the next try, factor, longest, and its jitter. */
export const RETRY_FIRST_MS = 10_000
export const RETRY_FACTOR = 1.5
export const RETRY_LONGEST_MS = 60_000
export const RETRY_JITTER = 0.5
/** Tries in a row, some minutes in all; then the ends are out of step and the IKE SA ends. */
export const RETRIES = 10
/** Responses to one request of ours that name another group, before it is taken as refused. */
export const GROUP_ROUNDS = 4
