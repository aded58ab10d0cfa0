/** A UDP port of the datapath. Numbers are never used again in the life of a datapath. */
export type PortId = number
/** A byte stream (a TCP or TLS connection that Node owns) whose framing the datapath knows. */
export type StreamId = number
/** A session's data channel. Numbers are never used again in the life of a datapath. */
export type FlowId = number
/** OpenVPN's 3-bit key id. */
export type KeyId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7
