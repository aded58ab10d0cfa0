import type { GatewayConfiguration } from '../configuration.ts'
import { sameOrigins } from '../entra/token-origin.ts'

/**
 * Whether both let in by the same methods, certificates and tokens: then no session needs to be judged again. Whom a
 * RADIUS server let in stays, whichever servers are asked from now on.
 */
export function sameTrust(before: GatewayConfiguration, after: GatewayConfiguration): boolean {
  const [a, b] = [before.certificateAuthentication, after.certificateAuthentication]
  return (
    sameMembers(before.tunnels, after.tunnels) &&
    sameMethods(before.authentication, after.authentication) &&
    sameCertificates(a.roots, b.roots) &&
    sameCertificates(a.intermediates, b.intermediates) &&
    sameMembers(a.revokedThumbprints, b.revokedThumbprints) &&
    sameOrigins(before.entra, after.entra)
  )
}

function sameMethods(
  a: GatewayConfiguration['authentication'],
  b: GatewayConfiguration['authentication'],
): boolean {
  return a.size === b.size && [...a].every(([tunnel, types]) => sameMembers(types, b.get(tunnel) ?? NONE))
}

const NONE: ReadonlySet<never> = new Set()

function sameCertificates(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((der, i) => Buffer.compare(der, b[i] as Uint8Array) === 0)
}

function sameMembers<Member>(a: ReadonlySet<Member>, b: ReadonlySet<Member>): boolean {
  return a.size === b.size && [...a].every(member => b.has(member))
}
