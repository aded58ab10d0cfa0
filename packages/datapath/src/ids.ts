/** A UDP port of the datapath. Numbers are never used again in the life of a datapath. */
export type PortId = number
/** A byte stream (a TCP or TLS connection that Node owns) whose framing the datapath knows. */
export type StreamId = number
/** A session's data channel. Numbers are never used again in the life of a datapath. */
export type FlowId = number
/** A translation of addresses. Numbers are never used again in the life of a datapath. */
export type NatId = number
/** What names one key of a flow: OpenVPN's 3-bit key id, or the SPI by which an ESP SA receives. */
export type KeyId = number
/** OpenVPN's 3-bit key id. */
export type OpenVpnKeyId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7
