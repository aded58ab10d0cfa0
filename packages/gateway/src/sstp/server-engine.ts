import { createNodeCrypto } from '@causeway/crypto-node'
import { createSstpEngine, type SstpEngine } from '@causeway/sstp'
import type { GatewayConfiguration } from '../configuration.ts'

/** What the engine is made from; it is asked for anew for each call. */
export interface ServerEngineOptions {
  readonly configuration: () => GatewayConfiguration
  readonly serverName: () => string
}

const MILLISECONDS = 1_000

/** The SSTP server engine of a gateway. Certificates come by EAP; RADIUS takes passwords by MS-CHAPv2 too. */
export function sstpEngine({ configuration, serverName }: ServerEngineOptions): SstpEngine {
  return createSstpEngine({
    role: 'server',
    crypto: createNodeCrypto(),
    settings: () => {
      const { sstp, authentication } = configuration()
      const { tunnelMtu, helloSeconds, negotiationSeconds } = sstp
      const byRadius = authentication.get('SSTP')?.has('Radius')
      return {
        authentication: byRadius ? ['eap', 'chap-mschapv2'] : ['eap'],
        tunnelMtu,
        helloMilliseconds: helloSeconds * MILLISECONDS,
        negotiationMilliseconds: negotiationSeconds * MILLISECONDS,
        ipv4: true,
        ipv6: false,
        name: serverName(),
      }
    },
  })
}
