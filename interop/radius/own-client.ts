import type { ConnectionOptions } from 'node:tls'
import { createNodeCrypto } from '@causeway/crypto-node'

import { createRadiusClient, type RadiusLimits, type RadiusServer } from '@causeway/radius'
import { type Endpoint, type IpAddress, parseIpAddress } from '@causeway/wire'
import { pino } from 'pino'
import { systemClock } from '../../packages/gateway/src/engine/clock.ts'
import { RadiusService } from '../../packages/gateway/src/radius/radius-service.ts'

/** Servers that do not answer are found out soon, and also when they do again. */
const IMPATIENT: Partial<RadiusLimits> = { totalMs: 1_500, retransmitMs: 200, probeMs: 500 }

export interface OwnClientOptions {
  readonly servers: readonly RadiusServer[]
  readonly tls?: ConnectionOptions
}

/** Causeway's own RADIUS client on real sockets, without a gateway around it. */
export interface OwnClient {
  readonly service: RadiusService
  /** The log's lines so far. */
  readonly lines: readonly string[]
}

export function createOwnClient({ servers, tls = {} }: OwnClientOptions): OwnClient {
  const lines: string[] = []
  const service = new RadiusService({
    engine: createRadiusClient({
      crypto: createNodeCrypto(),
      servers,
      nas: { identifier: 'interop' },
      unixSeconds: systemClock.unixSeconds,
      limits: IMPATIENT,
    }),
    tls: () => tls,
    dropped: () => undefined,
    clock: systemClock,
    log: pino({ level: 'info' }, { write: line => lines.push(line) }),
  })
  return { service, lines }
}

export function endpoint(text: string, port: number): Endpoint {
  return { address: ipAddress(text), port }
}

export function ipAddress(text: string): IpAddress {
  const address = parseIpAddress(text)
  if (!address) throw new Error(`${text} is no address`)
  return address
}
