/**
 * A peer and its IKE SA with all that rekeying makes of it. A responder numbers them itself, from 1 on; the
 * initiator's caller chooses: below 0 in an engine that responds as well, so that the two never meet. Never used
 * again.
 */
export type SessionId = number
/** A Child SA and those that replace it. Never used again in the life of an engine. */
export type ChildId = number
