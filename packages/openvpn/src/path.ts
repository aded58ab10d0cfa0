import type { Endpoint, IpAddress } from '@causeway/wire'

/** The way a packet comes and goes. Over a stream, packets arrive whole and in order. */
export type Path =
  | {
      readonly type: 'udp'
      readonly port: number
      readonly remote: Endpoint
      /** Our own address that the peer wrote to, to answer from. It tells no two paths apart. */
      readonly local?: IpAddress
    }
  | {
      readonly type: 'stream'
      readonly stream: number
      readonly remote: Endpoint
      readonly local?: IpAddress
    }
