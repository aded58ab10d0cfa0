import { createHash } from 'node:crypto'
import type { ConnectionPlan } from '@causeway/site-to-site'
import { formatTrafficSelector, type IpAddress } from '@causeway/wire'
import type { SiteConnection, SiteTunnel } from './site-configuration.ts'

/** A connection as its engine knows it: no secret, and digests of what the engine does not look into. */
export function connectionPlan(connection: SiteConnection): ConnectionPlan {
  const { name, mode, remote, tunnels, authentication } = connection
  return {
    name,
    mode,
    remote,
    tunnels: tunnels.map(tunnel => ({ tunnel: tunnel.name, local: localOf(tunnel) })),
    own:
      authentication.type === 'psk'
        ? { type: 'psk' }
        : { type: 'certificate', certificateId: authentication.outbound },
    digests: {
      authentication: digest(authenticationParts(connection)),
      ike: digest([connection.ikeSuites, connection.ikeLifetimeSeconds]),
      child: digest([
        connection.espSuites,
        connection.childLifetimeSeconds,
        connection.childLifetimeKilobytes,
        connection.selectors.map(({ local, remote: far }) =>
          [local, far].map(list => list.map(formatTrafficSelector)),
        ),
      ]),
    },
  }
}

/** Where the route to the peer decides, the engine compares nothing. */
function localOf({ publicAddress }: SiteTunnel): IpAddress {
  return publicAddress ?? UNSPECIFIED
}

const UNSPECIFIED: IpAddress = { family: 4, bytes: new Uint8Array(4) }

/** The secret goes in as a hash of its own. */
function authenticationParts({ authentication }: SiteConnection): unknown {
  if (authentication.type === 'psk')
    return ['psk', createHash('sha256').update(authentication.secret).digest('hex')]
  const { inboundSubject, inboundChain, revocation } = authentication
  return ['certificate', inboundSubject, inboundChain, revocation]
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
