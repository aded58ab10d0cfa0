/** Why a call on the datapath was refused. Stable: callers may branch on it. */
export type DatapathErrorCode =
  /** An argument outside what the interface allows. */
  | 'ERR_DATAPATH_ARGUMENT'
  /** The datapath was closed before. */
  | 'ERR_DATAPATH_CLOSED'
  /** No such port, or it was closed. */
  | 'ERR_DATAPATH_UNKNOWN_PORT'
  /** No such stream, or it was closed. */
  | 'ERR_DATAPATH_UNKNOWN_STREAM'
  /** No such flow, or it was closed. */
  | 'ERR_DATAPATH_UNKNOWN_FLOW'
  /** No such NAT, or it was closed. */
  | 'ERR_DATAPATH_UNKNOWN_NAT'
  /** The flow has no key slot of this key id. */
  | 'ERR_DATAPATH_UNKNOWN_KEY'
  /** The flow takes no such key: a slot of another protocol, or an SPI by which another flow receives. */
  | 'ERR_DATAPATH_KEY'
  /** The port, stream or flow speaks another protocol than the call needs. */
  | 'ERR_DATAPATH_PROTOCOL'
  /** Another open flow has this peer-id. */
  | 'ERR_DATAPATH_PEER_ID_IN_USE'
  /** The TUN device is open already. */
  | 'ERR_DATAPATH_TUN_OPEN'
  /** A system call failed; `cause` has the system's reason. */
  | 'ERR_DATAPATH_SYSTEM'
  /** This machine or this Node cannot run the native datapath. */
  | 'ERR_DATAPATH_UNSUPPORTED'

/** Misuse of the datapath, or a system call that failed. Never caused by a peer's bytes. */
export class DatapathError extends Error {
  override readonly name = 'DatapathError'
  readonly code: DatapathErrorCode

  constructor(code: DatapathErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
