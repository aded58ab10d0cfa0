import { judgeConnection, quote } from '@causeway/api-contract'
import { formatIpPrefix } from '@causeway/wire'
import { NO_SITES, type SiteConnection, type SitesConfiguration } from '../../site/site-configuration.ts'
import type { ConfigurationFault, Report } from '../configuration-fault.ts'
import type { ConnectionResource } from '../connection-resource.ts'
import { readSiteConnection } from './site-connection.ts'
import { checkRemoteGateways } from './site-peer.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

/** What became of reading connections. The value counts only where there are no faults. */
export interface ReadSites {
  readonly value: SitesConfiguration
  readonly faults: readonly ConfigurationFault[]
}

/** One connection, read. */
interface ReadConnection {
  /** With what it was read. */
  readonly surroundings: string
  readonly value: SiteConnection | undefined
  readonly faults: readonly ConfigurationFault[]
}

/**
 * Reads the connections of a gateway, all of whose parts are of the right shape. A connection that was read before,
 * with the same gateway and settings, is not read again: there may be a hundred, and each change reads all of them.
 */
export function readSites(
  connections: readonly ConnectionResource[],
  surroundings: SiteSurroundings,
  settingsReport: Report,
): ReadSites {
  const { clientTransit, siteTransit, remoteGateways } = surroundings.settings
  checkRemoteGateways(remoteGateways, settingsReport)
  if (connections.length === 0) return { value: { ...NO_SITES, clientTransit, siteTransit }, faults: [] }
  const key = keyOf(surroundings)
  const read = connections.map(resource => readOnce(resource, surroundings, key))
  return {
    value: { connections: read.flatMap(({ value }) => value ?? []), clientTransit, siteTransit },
    faults: [
      ...read.flatMap(({ faults }) => faults),
      ...tunnelFaults(connections, surroundings),
      ...namesakes(connections),
    ],
  }
}

const READ = new WeakMap<ConnectionResource, ReadConnection>()

function readOnce(resource: ConnectionResource, surroundings: SiteSurroundings, key: string): ReadConnection {
  const former = READ.get(resource)
  if (former?.surroundings === key) return former
  const faults: ConfigurationFault[] = []
  const report: Report = (path, problem, remedy) => void faults.push(faultOf(resource, path, problem, remedy))
  for (const { rule, path, problem, remedy } of judgeConnection(resource.connection, surroundings.gateway))
    if (rule !== 'tunnels') report(path, problem, remedy)
  const value = readSiteConnection(resource, surroundings, report)
  const read: ReadConnection = { surroundings: key, value, faults }
  READ.set(resource, read)
  return read
}

/** Everything that a connection is read with, as text. */
function keyOf({ gateway, network, settings, localPrefixes, pools }: SiteSurroundings): string {
  const { vpnClientConfiguration: _, ...properties } = gateway.properties
  const prefixes = [localPrefixes, pools].map(list => list.map(formatIpPrefix))
  return JSON.stringify([{ ...gateway, properties }, network?.publicAddresses, settings, prefixes])
}

/** How many there may be is no matter of one alone: those that come last are too many. */
function tunnelFaults(
  connections: readonly ConnectionResource[],
  { gateway }: SiteSurroundings,
): ConfigurationFault[] {
  return connections.flatMap((resource, others) =>
    judgeConnection(resource.connection, gateway, others)
      .filter(({ rule }) => rule === 'tunnels')
      .map(({ path, problem, remedy }) => faultOf(resource, path, problem, remedy)),
  )
}

/** What has one id is one connection. Whoever put the list together sees to that; a log could not tell them apart. */
function namesakes(connections: readonly ConnectionResource[]): ConfigurationFault[] {
  const seen = new Set<string>()
  return connections.flatMap(resource => {
    const id = connectionKey(resource)
    if (id !== '' && !seen.has(id)) {
      seen.add(id)
      return []
    }
    return [faultOf(resource, 'id', `${quote(id)} is not an id of its own`, 'give each connection its id')]
  })
}

/** What a connection is known by. */
export function connectionKey({ connection }: ConnectionResource): string {
  return connection.id?.toLowerCase() ?? ''
}

/** What a connection is called, for people. */
export function connectionName({ connection }: ConnectionResource): string {
  return connection.name ?? connection.id?.split('/').at(-1) ?? 'unnamed'
}

/** Something that is wrong with a connection. */
export function faultOf(
  resource: ConnectionResource,
  path: string,
  problem: string,
  remedy: string,
): ConfigurationFault {
  return { document: 'connection', connection: connectionName(resource), path, problem, remedy }
}
