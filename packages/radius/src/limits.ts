/** Attributes of a packet. Ours: 4096 bytes would hold two thousand of nothing. */
export const MAX_ATTRIBUTES = 256

/** From the specification (RFC 2865 §5.2). */
export const MAX_PASSWORD_BYTES = 128

/** Times and amounts of a client, all ours but those with a section; milliseconds. */
export interface RadiusLimits {
  /** From a request to its failure, over all servers. Azure has 30 s, and so has RFC 5080 §2.2.1 (MRD). */
  readonly totalMs: number
  /** First retransmission (RFC 5080 §2.2.1, IRT: 2 s); each later one waits twice as long. */
  readonly retransmitMs: number
  /** Longest wait between two (RFC 5080 §2.2.1, MRT: 16 s). */
  readonly longestRetransmitMs: number
  /** Requests open at a time; further ones fail at once. */
  readonly requests: number
  /** UDP ports to one server address; each carries 256 requests at a time. */
  readonly portsPerServer: number
  /** TLS connections to one server; each carries 256 requests at a time. */
  readonly connectionsPerServer: number
  /** An unused UDP port is closed after so long. */
  readonly portIdleMs: number
  /** An unused TLS connection is closed after so long. */
  readonly connectionIdleMs: number
  /** From `connect` to `connected`. */
  readonly connectMs: number
  /** A TLS connection that was silent so long is asked for a sign of life (RFC 3539 §3.4.1, Tw: 30 s). */
  readonly watchdogMs: number
  /** A dead server is probed so often, by Status-Server or a connection. */
  readonly probeMs: number
  /** A dead server that never answered Status-Server is tried again after so long. */
  readonly trialMs: number
}

export const DEFAULT_LIMITS: RadiusLimits = {
  totalMs: 30_000,
  retransmitMs: 2_000,
  longestRetransmitMs: 16_000,
  requests: 4_096,
  portsPerServer: 16,
  connectionsPerServer: 4,
  portIdleMs: 60_000,
  connectionIdleMs: 600_000,
  connectMs: 10_000,
  watchdogMs: 30_000,
  probeMs: 10_000,
  trialMs: 60_000,
}

/** Jitter of every wait: a tenth either way (RFC 5080 §2.2.1). */
export const JITTER = 0.1

/** Transmissions of a probe before a suspect server is dead. */
export const PROBES = 2

/** Answers to Status-Server in a row that bring a dead server back (RFC 3539 §3.4.1: three). */
export const RETURN_ANSWERS = 3

/** Between those. */
export const RETURN_PROBE_MS = 1_000

/** A server's TLS connection is not tried again sooner than this. */
export const RECONNECT_FLOOR_MS = 1_000

/** The event of an answer without Message-Authenticator comes at most so often for each server. */
export const UNPROTECTED_EVENT_MS = 60_000

/** How far the Event-Timestamp of a dynamic request may be from our clock, either way (RFC 5176 §6.3: 300 s). */
export const EVENT_WINDOW_SECONDS = 300

/** One with Event-Timestamp is known again for twice as long as it could count: clocks are set back at times. Ours. */
export const STAMPED_SEEN_MS: number = 4 * EVENT_WINDOW_SECONDS * 1000

/** A repeated dynamic request gets the same answer for so long; later it is a replay. Ours. */
export const ANSWER_KEPT_MS = 60_000

/** A dynamic request without Event-Timestamp is known again for so long. Ours. */
export const SEEN_MS = 86_400_000

/** Dynamic requests that are known again, of each source; beyond, the oldest is forgotten. Ours. */
export const SEEN_REQUESTS = 10_000

/** Dynamic requests that wait for the gateway at a time; further ones are refused. Ours. */
export const PENDING_REQUESTS = 256

/** The gateway has so long to carry out a dynamic request. Ours. */
export const DYNAMIC_REPLY_MS = 20_000
