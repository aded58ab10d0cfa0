/**
 * Every length, count and time of the OpenVPN engine that a peer could otherwise choose.
 * Names ending in `MS` are milliseconds, in `SECONDS` seconds, in `BYTES` bytes.
 */

// From the protocol as it is spoken.

/** Message ids are 32 bits; a session that gets this far has lost its way. */
export const MESSAGE_ID_LIMIT = 0xffff_ffff
/** Peers keep 6 (2.x) to 8 packets to send; 6 fits the smallest receive window in the field. */
export const SEND_WINDOW = 6
/** Peers send at most 6 (2.x) or 8 ahead of the oldest that is not acknowledged. */
export const RECEIVE_WINDOW = 12
/** Acknowledgements in one P_ACK_V1. */
export const ACKS_PER_ACK = 8
/** Acknowledgements that ride on one packet with a payload. */
export const ACKS_PER_CONTROL = 4
/** Undefined peer-id (all ones) is never given. */
export const PEER_ID_LIMIT = 0xff_ffff

// Ours: reliability.

/** First retransmission, while no round trip has been measured. */
export const RETRANSMIT_FIRST_MS = 1000
/** A measured round trip never makes the timeout shorter. */
export const RETRANSMIT_LEAST_MS = 250
/** Backoff ends here. */
export const RETRANSMIT_MOST_MS = 8000
/** After so many transmissions of one packet the peer counts as gone. */
export const TRANSMIT_LIMIT = 12
/** A packet that so many later ones have overtaken is sent again at once. */
export const OVERTAKEN_LIMIT = 3
/** How long an acknowledgement waits for a packet to ride on. */
export const ACK_DELAY_MS = 20
/** So many waiting acknowledgements are sent without further delay. */
export const ACK_EAGER = 4
/** Whole control packet as UDP payload: passes any path of 1,280 bytes. */
export const CONTROL_PACKET_BYTES = 1200
/** TLS records that wait for the send window. A peer that stops acknowledging ends the session here. */
export const TLS_BACKLOG_BYTES: number = 256 * 1024

// Ours: sessions.

/** From the first verified packet to the client's key-method message. */
export const HANDSHAKE_MS = 60_000
/** How long the outside may take to decide about a client. */
export const AUTHENTICATION_MS = 60_000
/** How long the decision may be put off in all while a user signs in (AUTH_PENDING), in either role. */
export const AUTH_PENDING_MOST_MS = 600_000
/** AUTH_PENDING without a time, as OpenVPN takes it (its `hand-window`). */
export const AUTH_PENDING_DEFAULT_SECONDS = 60
/** Postponements of one decision, and messages to its user. */
export const PENDING_MESSAGES_MOST = 16
/** A user's answer to CR_TEXT, decoded: its base64 fits into one control message. */
export const CHALLENGE_RESPONSE_BYTES = 512
/** From `allow` to the client's PUSH_REQUEST. */
export const PUSH_REQUEST_MS = 60_000
/** After both key-method messages: the peer has surely installed the new key, so we send with it. */
export const KEY_SELECT_DELAY_MS = 2000
/** How long the key before the present one is still received (OpenVPN's `tran-window` is an hour). */
export const KEY_TRANSITION_MS = 3_600_000
/** How long a closing session waits for its last message to be acknowledged. */
export const LINGER_MS = 3000
/** A closing session whose last message is acknowledged ends after this silence. */
export const LINGER_QUIET_MS = 250
/** Least time between two key negotiations that this side starts. */
export const RENEGOTIATION_LEAST_MS = 3000
/** After a key negotiation that came to nothing, the server starts another within this time. */
export const RENEGOTIATION_RETRY_MS = 60_000
/** From the first attempt to replace a key to the end of a session whose client lets none succeed. */
export const KEY_EXPIRY_MS = 3_600_000
/** Key negotiations the peer may start in a minute; more are dropped. */
export const PEER_RENEGOTIATIONS_PER_MINUTE = 20
/** One control channel message: text up to its NUL. */
export const CONTROL_MESSAGE_BYTES: number = 16 * 1024

// Ours: the server as a whole.

/** Sessions that have not been authenticated. */
export const HALF_OPEN_TOTAL = 4096
/** The same from one IPv4 /24 or IPv6 /64. */
export const HALF_OPEN_PER_PREFIX = 512
/** Sessions from one address and port: the live one and its possible successors. */
export const SESSIONS_PER_ENDPOINT = 3
/** Stateless answers in a second from all sources. */
export const RESET_REPLIES_PER_SECOND = 10_000
/** Stateless answers in a second to one IPv4 /24 or IPv6 /64. */
export const RESET_REPLIES_PER_PREFIX = 1000
/** Sessions begun in a second for tls-crypt-v2 clients that cannot do the stateless start. */
export const STATEFUL_RESETS_PER_SECOND = 20
/** Source prefixes whose rate is kept apart; others share by hash. Fixed, so sources cost no memory. */
export const RATE_BUCKETS = 4096

// Ours: the client.

/** Between two PUSH_REQUESTs. */
export const PUSH_REQUEST_INTERVAL_MS = 5000
/** From the first packet to the pushed options. */
export const CONNECT_MS = 60_000
