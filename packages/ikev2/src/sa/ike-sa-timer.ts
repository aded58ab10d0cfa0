/** The deadlines of an IKE SA. */
export type IkeSaTimer =
  /** The peer must be authenticated by then. */
  | 'half-open'
  /** Our request has not been answered: send it again, or give up. */
  | 'retransmission'
  /** Fragments of a message that never became whole are let go. */
  | 'fragments'
  /** A Child SA is to be rekeyed, or has lived its time. */
  | 'children'
  /** Nothing authentic has come for so long: ask for a sign of life. */
  | 'liveness'
  /** The NAT that we are behind must not forget us. */
  | 'keepalive'
  /** Rekey the IKE SA. */
  | 'rekey'
  /** Nobody has rekeyed the IKE SA: delete it. */
  | 'lifetime'
  /** The authentication is too old (RFC 4478). */
  | 'reauthentication'
  /** Rekeyed long ago, and not yet deleted by the peer: delete it. */
  | 'replaced'
  /** Our DELETE has not been answered: forget the IKE SA. */
  | 'deletion'
