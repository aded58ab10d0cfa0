import type { Endpoint } from '@causeway/wire'

/** The way a packet comes and goes. Over a stream, packets arrive whole and in order. */
export type Path =
  | { readonly type: 'udp'; readonly port: number; readonly remote: Endpoint }
  | { readonly type: 'stream'; readonly stream: number; readonly remote: Endpoint }
