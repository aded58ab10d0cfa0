import type { CompressionFraming } from '../data-channel.ts'
import { type OptionsString, parseOptionsString } from '../options/options-string.ts'
import { hasProtocolBit, IV_PROTO, type PeerInfo } from '../options/peer-info.ts'

/** What a client says that it can do, read from its peer-info and options string. */
export interface ClientCapabilities {
  readonly peerInfo: PeerInfo
  readonly options: OptionsString
  /** For the log: printable, of bounded length. */
  readonly version: string
  readonly dataV2: boolean
  /** Takes PUSH_REPLY without asking. */
  readonly requestPush: boolean
  /** Data keys by the TLS exporter. */
  readonly keyExport: boolean
  /** EXIT over the control channel. */
  readonly exitNotify: boolean
  readonly authFailTemporary: boolean
  /** Understands AUTH_PENDING with a time. */
  readonly pendingKeywords: boolean
  readonly dynamicTlsCrypt: boolean
  readonly dataEpoch: boolean
  readonly compression: CompressionFraming
}

/** Reads the capabilities. Unknown and malformed values count as absent. */
export function clientCapabilities(peerInfo: PeerInfo, optionsText: string): ClientCapabilities {
  const options = parseOptionsString(optionsText)
  const has = (bit: number): boolean => hasProtocolBit(peerInfo, bit)
  return {
    peerInfo,
    options,
    version: (peerInfo.get('IV_VER') ?? 'unknown').replace(/[^\x20-\x7e]/g, '?').slice(0, 64),
    dataV2: has(IV_PROTO.DATA_V2),
    requestPush: has(IV_PROTO.REQUEST_PUSH),
    keyExport: has(IV_PROTO.TLS_KEY_EXPORT),
    exitNotify: has(IV_PROTO.CC_EXIT_NOTIFY),
    authFailTemporary: has(IV_PROTO.AUTH_FAIL_TEMP),
    pendingKeywords: has(IV_PROTO.AUTH_PENDING_KEYWORDS),
    dynamicTlsCrypt: has(IV_PROTO.DYN_TLS_CRYPT),
    dataEpoch: has(IV_PROTO.DATA_EPOCH),
    compression: compressionFraming(peerInfo, options),
  }
}

/**
 * `comp-lzo` in the options string says that the profile frames for compression, whatever the
 * algorithm. Newer clients can be moved to the framing that costs nothing.
 */
function compressionFraming(peerInfo: PeerInfo, options: OptionsString): CompressionFraming {
  if (!options.has('comp-lzo')) return 'none'
  return peerInfo.get('IV_COMP_STUBv2') === '1' ? 'stub-v2' : 'lzo-stub'
}
