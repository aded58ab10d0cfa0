import type { GatewayConfiguration } from '../configuration.ts'

/** Whether both trust the same certificates, for the same tunnel types: then no session needs to be judged again. */
export function sameTrust(before: GatewayConfiguration, after: GatewayConfiguration): boolean {
  const [a, b] = [before.certificateAuthentication, after.certificateAuthentication]
  return (
    sameMembers(before.tunnels, after.tunnels) &&
    sameCertificates(a.roots, b.roots) &&
    sameCertificates(a.intermediates, b.intermediates) &&
    sameMembers(a.revokedThumbprints, b.revokedThumbprints)
  )
}

function sameCertificates(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((der, i) => Buffer.compare(der, b[i] as Uint8Array) === 0)
}

function sameMembers<Member>(a: ReadonlySet<Member>, b: ReadonlySet<Member>): boolean {
  return a.size === b.size && [...a].every(member => b.has(member))
}
