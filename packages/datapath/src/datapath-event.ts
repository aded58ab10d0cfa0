import type { Endpoint, IpAddress } from '@causeway/wire'
import type { FlowId, KeyId, PortId, StreamId } from './ids.ts'

/** What the datapath tells. Byte arrays belong to the receiver. */
export type DatapathEvent =
  /** A packet that is not data, with its source. */
  | {
      readonly type: 'datagram'
      readonly port: PortId
      readonly remote: Endpoint
      /** Our own address that it was sent to. */
      readonly local: IpAddress
      readonly bytes: Uint8Array
    }
  /**
   * ESP came for an SPI that no flow has (also counted as `unknownFlow`). At most one a second in all; RFC
   * 4303 §3.4.2 wants it in the log.
   */
  | {
      readonly type: 'unknown-spi'
      readonly port: PortId
      readonly remote: Endpoint
      readonly local: IpAddress
      readonly spi: number
    }
  /** A packet that is not data, from a stream. */
  | { readonly type: 'control'; readonly stream: StreamId; readonly bytes: Uint8Array }
  /** The stream has bytes to be taken. */
  | { readonly type: 'stream-output'; readonly stream: StreamId }
  /** The stream broke its framing; close the connection. */
  | { readonly type: 'stream-fault'; readonly stream: StreamId; readonly reason: string }
  /** The peer of an adopted socket closed, or the connection failed: reading the socket tells which. */
  | { readonly type: 'stream-ended'; readonly stream: StreamId }
  /**
   * An authentic packet, newer than all before, came from another address or port than the flow's path, or to
   * another address of ours than the path's `local`. At most one a second and flow.
   */
  | {
      readonly type: 'float'
      readonly flow: FlowId
      readonly port: PortId
      readonly remote: Endpoint
      readonly local: IpAddress
    }
  /** An authentic payload that is no IP packet and not OpenVPN's ping (exit notice, OCC). */
  | { readonly type: 'inband'; readonly flow: FlowId; readonly bytes: Uint8Array }
  /** Nothing authentic was received for the flow's idle time. Raised once until something is. */
  | { readonly type: 'idle'; readonly flow: FlowId }
  /** A key slot has passed its packet or byte limit. */
  | { readonly type: 'soft-limit'; readonly flow: FlowId; readonly keyId: KeyId }
  /** An ESP SA has carried its last packet or byte, or sent its last sequence number. Once for each SA. */
  | { readonly type: 'hard-limit'; readonly flow: FlowId; readonly keyId: KeyId }
  /** Authentication failures or replays on a flow since the last such event. At most one a second and flow. */
  | {
      readonly type: 'rejected'
      readonly flow: FlowId
      readonly authenticationFailures: number
      readonly replays: number
    }
