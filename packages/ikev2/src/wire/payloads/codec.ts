import type { Reader, Writer } from '@causeway/wire'

/** How one payload stands behind its generic header. */
export interface PayloadCodec<P> {
  /** `body` is confined to the payload. Errors: `WireFault`. */
  readonly read: (body: Reader) => P
  readonly write: (body: Writer, payload: P) => void
}
