import type { EspSuite, IkeSuite, PeerTerms, SessionTerms } from '@causeway/ikev2'
import { formatIpAddress, type IpAddress } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import { clientTerms, type ResponderMaterial } from '../ikev2/peer-terms.ts'
import type { SiteConnection } from './site-configuration.ts'

/** What the terms of responders are made of. The same objects give the same terms. */
export interface ResponderParts {
  readonly configuration: GatewayConfiguration
  readonly material: ResponderMaterial
  readonly places: Places
}

/** Where the peers of connections are, as far as that is known, by connection's id. A new object when it changes. */
export type Places = ReadonlyMap<string, IpAddress>

/** Ours: a CERTREQ of more goes to strangers in no answer. */
const AUTHORITIES = 32

/** Terms of whoever comes to us: before it is known who that is. */
export interface ResponderTerms {
  /** `undefined`: nobody is answered. */
  of(remote: IpAddress): PeerTerms | undefined
}

/** @param hashesOf authorities that a connection trusts, as CERTREQ names them. */
export function responderTerms(
  { configuration, material, places }: ResponderParts,
  hashesOf: (connection: SiteConnection) => readonly Uint8Array[],
): ResponderTerms {
  const { connections } = configuration.sites
  const hasClients = configuration.tunnels.has('IkeV2')
  if (connections.length === 0 && !hasClients) return { of: () => undefined }
  const clients = clientTerms(configuration, material)
  if (connections.length === 0) return { of: () => clients }
  const base = withProofs(clients, connections, hasClients)
  const common = hasClients ? [clients, ...connections.map(policyOf)] : connections.map(policyOf)
  const commonTerms = {
    ...base,
    ...unionOf(common),
    authorityKeyHashes: distinctHashes([...clients.authorityKeyHashes, ...connections.flatMap(hashesOf)]),
  }
  const byAddress = new Map<string, PeerTerms>()
  for (const [address, theirs] of connectionsByAddress(connections, places)) {
    const [connection, another] = theirs
    if (!connection || another) continue
    const policies = hasClients ? [policyOf(connection), clients] : [policyOf(connection)]
    const hashes = [...hashesOf(connection), ...clients.authorityKeyHashes]
    byAddress.set(address, {
      ...base,
      ...unionOf(policies),
      label: connection.id,
      authorityKeyHashes: distinctHashes(hashes),
    })
  }
  return { of: remote => byAddress.get(formatIpAddress(remote)) ?? commonTerms }
}

/** What of the terms above a client of point-to-site keeps: nothing that only connections have. */
export function clientGrantTerms({
  configuration,
  material,
}: Omit<ResponderParts, 'places'>): SessionTerms | undefined {
  if (configuration.sites.connections.length === 0) return undefined
  const { ikeSuites, espSuites, peer } = clientTerms(configuration, material)
  return { ikeSuites, espSuites, peer }
}

type Policy = Pick<PeerTerms, 'ikeSuites' | 'espSuites'>

function policyOf({ ikeSuites, espSuites }: SiteConnection): Policy {
  return { ikeSuites: ikeSuites.responder, espSuites: espSuites.responder }
}

function withProofs(
  clients: PeerTerms,
  connections: readonly SiteConnection[],
  hasClients: boolean,
): PeerTerms {
  const has = (type: SiteConnection['authentication']['type']): boolean =>
    connections.some(({ authentication }) => authentication.type === type)
  return {
    ...clients,
    peer: {
      certificate: (hasClients && clients.peer.certificate) || has('certificate'),
      eap: hasClients && clients.peer.eap,
      pskByIdentity: has('psk'),
    },
  }
}

function unionOf(policies: readonly Policy[]): Policy {
  return {
    ikeSuites: distinct<IkeSuite>(policies.flatMap(({ ikeSuites }) => ikeSuites)),
    espSuites: distinct<EspSuite>(policies.flatMap(({ espSuites }) => espSuites)),
  }
}

/**
 * Each once, and first what most policies have: a peer that offers much would else be given what only another's policy
 * has, and be refused for it once it is known whose it is. Suites are plain values: text tells them apart, whatever
 * order their parts were written in.
 */
function distinct<Suite extends object>(suites: readonly Suite[]): readonly Suite[] {
  const found = new Map<string, { readonly suite: Suite; count: number }>()
  for (const suite of suites) {
    const text = JSON.stringify(Object.entries(suite).toSorted())
    const known = found.get(text)
    if (known) known.count++
    else found.set(text, { suite, count: 1 })
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count).map(({ suite }) => suite)
}

function distinctHashes(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(hashes.map(hash => [String(hash), hash])).values()].slice(0, AUTHORITIES)
}

function connectionsByAddress(
  connections: readonly SiteConnection[],
  places: Places,
): ReadonlyMap<string, readonly SiteConnection[]> {
  const found = new Map<string, SiteConnection[]>()
  for (const connection of connections) {
    const { id, remote } = connection
    const address = remote.type === 'address' ? remote.address : places.get(id)
    if (!address) continue
    const text = formatIpAddress(address)
    found.set(text, [...(found.get(text) ?? []), connection])
  }
  return found
}
