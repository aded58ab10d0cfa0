import { createNodeCrypto } from '@causeway/crypto-node'
import { createSstpEngine, type SstpEngine } from '@causeway/sstp'
import type { SstpConfiguration } from '../configuration.ts'

/** What the engine is made from; the configuration is asked for anew for each call. */
export interface ServerEngineOptions {
  readonly configuration: () => SstpConfiguration
  readonly serverName: string
}

const MILLISECONDS = 1_000

/** The SSTP server engine of a gateway. Clients sign in by EAP. */
export function sstpEngine({ configuration, serverName }: ServerEngineOptions): SstpEngine {
  return createSstpEngine({
    role: 'server',
    crypto: createNodeCrypto(),
    settings: () => {
      const { tunnelMtu, helloSeconds, negotiationSeconds } = configuration()
      return {
        authentication: ['eap'],
        tunnelMtu,
        helloMilliseconds: helloSeconds * MILLISECONDS,
        negotiationMilliseconds: negotiationSeconds * MILLISECONDS,
        ipv4: true,
        ipv6: false,
        name: serverName,
      }
    },
  })
}
