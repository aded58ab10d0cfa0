import { type ConnectionView, quote, type TunnelView } from '@causeway/api-contract'
import { formatIpAddress } from '@causeway/wire'
import { CommandError } from '../quick-start/index.ts'
import type { ConnectionRecord, TunnelRecord } from '../site/connection-record.ts'
import type { SiteConnection, SitesConfiguration } from '../site/site-configuration.ts'

/** The connections of a configuration, and how each stands, by name. */
export function connectionViews(
  { connections }: Pick<SitesConfiguration, 'connections'>,
  records: readonly ConnectionRecord[],
): readonly ConnectionView[] {
  const views = connections.map(connection =>
    viewOf(
      connection,
      records.find(({ id }) => id === connection.id),
    ),
  )
  return views.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** One that is named by its resource's name or id. Errors: `CommandError`. */
export function connectionNamed<Named extends { readonly id: string; readonly name: string }>(
  connections: readonly Named[],
  text: string,
): Named {
  const wanted = text.toLowerCase()
  const found = connections.filter(({ id, name }) =>
    wanted.startsWith('/') ? id.toLowerCase() === wanted : name.toLowerCase() === wanted,
  )
  const [first, ...others] = found
  if (first && others.length === 0) return first
  if (first)
    throw new CommandError(
      'Conflict',
      `several connections are called ${quote(text)}; give the id, such as ${first.id}`,
    )
  const names = connections.map(({ name }) => name).toSorted()
  const remedy = names.length === 0 ? 'there is none at all' : `there are ${names.join(', ')}`
  throw new CommandError('ResourceNotFound', `there is no connection ${quote(text)}; ${remedy}`)
}

/** Before its first report a connection is not known. */
function viewOf(connection: SiteConnection, record: ConnectionRecord | undefined): ConnectionView {
  const { id, name, mode, remote, authentication } = connection
  return {
    id,
    name,
    authentication: authentication.type === 'psk' ? 'PSK' : 'Certificate',
    mode,
    peer: remote.type === 'name' ? remote.name : formatIpAddress(remote.address),
    status: record?.status ?? 'Unknown',
    reason: record?.reason ?? { code: 'not-configured', message: 'the connection has not begun yet' },
    tunnels: (record?.tunnels ?? []).map(tunnelView),
    ...(record?.certificate && { certificate: record.certificate }),
    notes: record?.notes ?? [],
  }
}

function tunnelView(record: TunnelRecord): TunnelView {
  const { tunnel, status, reason, lastEstablishedSeconds: at, sessions, ...counters } = record
  const { bytesReceived, bytesSent, packetsReceived, packetsSent, ...drops } = counters
  return {
    tunnel,
    status,
    reason,
    ...(at !== undefined && { lastEstablishedSeconds: at }),
    bytesReceived,
    bytesSent,
    packetsReceived,
    packetsSent,
    drops,
    sessions,
  }
}
