import type { CryptoPort } from '@causeway/crypto'
import { type Endpoint, sameEndpoint } from '@causeway/wire'
import type { Purpose, RadiusServer } from './client-options.ts'
import type { Target } from './target.ts'

/** An address of a server and what is asked there. */
export interface TargetPlace {
  readonly server: RadiusServer
  readonly remote: Endpoint
  readonly purposes: readonly Purpose[]
}

/** A TLS connection serves both purposes where both have one address (RFC 6614 §2.2); UDP has a port for each. */
export function targetPlaces(server: RadiusServer): TargetPlace[] {
  const { authentication, accounting, transport } = server
  if (transport === 'tls' && authentication && accounting && sameEndpoint(authentication, accounting))
    return [{ server, remote: authentication, purposes: ['authentication', 'accounting'] }]
  return [
    ...(authentication ? [{ server, remote: authentication, purposes: ['authentication'] as const }] : []),
    ...(accounting ? [{ server, remote: accounting, purposes: ['accounting'] as const }] : []),
  ]
}

/** Whether a target goes on under a new configuration: the same server at the same place, with the same secret. */
export function isSamePlace(crypto: Pick<CryptoPort, 'equal'>, target: Target, place: TargetPlace): boolean {
  const { server, remote, purposes } = place
  const nothing = new Uint8Array(0)
  return (
    target.server.id === server.id &&
    target.server.transport === server.transport &&
    sameEndpoint(target.remote, remote) &&
    purposes.join() === target.purposes.join() &&
    (server.transport === 'tls' || crypto.equal(target.secret, server.secret ?? nothing))
  )
}
