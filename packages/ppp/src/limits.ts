/** What a peer may make us hold or do. Each is ours unless a source is named. */

/** Terminate-Requests before the peer's silence counts as its answer (Max-Terminate, RFC 1661 §4.6: 2 or more). */
export const MAX_TERMINATE = 3
/** Bytes of a frame's information: more than the largest MRU, as an SSTP packet with all compressed may hold. */
export const INFORMATION_BYTES = 4_095
/** MRU that nothing is said about, and that every end must be able to take (RFC 1661 §6.1). */
export const DEFAULT_MRU = 1_500
/** What our own MRU may be: an SSTP packet of 4,095 bytes less its header has room for the largest. */
export const MRU_RANGE = { least: 576, most: 4_091 } as const
/** A peer that takes less could not be sent an IPv4 datagram (RFC 791 §3.1). */
export const LEAST_PEER_MRU = 576
/** Options of one Configure packet. */
export const OPTIONS = 32
/** Configure-Requests that we could not acknowledge before we give up, as a multiple of Max-Failure. */
export const UNAGREED_REQUESTS_FACTOR = 3
/** Configure-Naks and -Rejects of one negotiation that we act on. */
export const REFUSED_REQUESTS = 20
/** How often LCP or a network protocol may leave its Opened state and negotiate again. */
export const RENEGOTIATIONS = 5
/** Magic numbers of ours that come back before the link counts as looped (RFC 1661 §6.4). */
export const LOOPED_MAGIC_NUMBERS = 5
/** Answers a second that the peer need not get: rejects of codes and protocols, echoes, repeated verdicts. */
export const COURTESIES_PER_SECOND = 50
/** Bytes of a reject's copy, so that a long packet is not sent back whole. */
export const REJECTED_COPY_BYTES = 256
/** Texts by which a peer names its software: Windows sends two. */
export const IDENTIFICATIONS = 4
/** Characters of a peer's text that are kept: an identification, a reason. */
export const TEXT_CHARACTERS = 200
/** Bytes of a CHAP name: a network access identifier has at most 253 (RFC 7542 §2.2), a domain stands before it. */
export const NAME_BYTES = 512
/** How often an EAP request is repeated (RFC 3748 §4.3 suggests 3 to 5). */
export const EAP_REPEATS = 5
/** Bytes of a Configure-Request that waits until its network protocol may begin. */
export const WAITING_BYTES = 512
