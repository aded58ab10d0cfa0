import type { ChildSaView, ConnectionView, IkeSaView, TunnelView } from '@causeway/api-contract'
import { quote } from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import type { Command } from '../command.ts'
import { CommandFailure, EXIT } from '../command-failure.ts'
import { formatBytes, formatDay, formatDuration, formatTable, printable } from '../table.ts'

const HEADINGS = ['NAME', 'TYPE', 'STATUS', 'PEER', 'RECEIVED', 'SENT', 'UP FOR', 'REASON']

/** `causeway connections`. */
export const connections: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const result = await askGateway(directory, { method: 'connections', params: {} })
    const rows = result.connections.map(row)
    print({ json: result, text: rows.length === 0 ? 'no connections' : formatTable(HEADINGS, rows) })
    return EXIT.done
  },
}

/** `causeway connection show NAME`. */
export const connectionShow: Command = {
  words: ['NAME'],
  options: [],
  async run({ words: [name = ''], directory, print }) {
    const result = await askGateway(directory, { method: 'connections', params: {} })
    const found = connectionNamed(result.connections, name)
    print({ json: found, text: connectionLines(found).join('\n') })
    return EXIT.done
  },
}

/** `causeway connection reset NAME`. */
export const connectionReset: Command = {
  words: ['NAME'],
  options: [],
  async run({ words: [name = ''], directory, print }) {
    const result = await askGateway(directory, { method: 'connection.reset', params: { name } })
    print({ json: result, text: `the connection ${printable(result.name)} begins anew` })
    return EXIT.done
  },
}

/** By name or by id, whatever its case. Errors: `CommandFailure`. */
function connectionNamed(all: readonly ConnectionView[], text: string): ConnectionView {
  const wanted = text.toLowerCase()
  const [found, ...others] = all.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
  if (found && others.length === 0) return found
  if (found)
    throw new CommandFailure(
      `several connections are called ${quote(text)}; give the id, such as ${found.id}`,
      'Conflict',
    )
  throw new CommandFailure(
    `there is no connection ${quote(text)}; \`causeway connections\` shows all`,
    'ResourceNotFound',
  )
}

function row(connection: ConnectionView): string[] {
  const { name, authentication, status, peer, tunnels, reason } = connection
  const sum = (of: (tunnel: TunnelView) => number): number =>
    tunnels.reduce((all, tunnel) => all + of(tunnel), 0)
  return [
    name,
    authentication,
    status,
    peer,
    formatBytes(sum(({ bytesReceived }) => bytesReceived)),
    formatBytes(sum(({ bytesSent }) => bytesSent)),
    upFor(tunnels),
    reason.message,
  ]
}

/** Of the tunnel that has been up the longest. */
function upFor(tunnels: readonly TunnelView[]): string {
  const since = tunnels.flatMap(({ status, lastEstablishedSeconds: at }) =>
    status === 'Connected' && at !== undefined ? [at] : [],
  )
  return since.length === 0 ? '-' : ago(Math.min(...since))
}

function ago(unixSeconds: number): string {
  return formatDuration(Math.max(0, Date.now() / 1_000 - unixSeconds))
}

function connectionLines(connection: ConnectionView): string[] {
  const { id, name, authentication, mode, peer, status, reason, certificate, notes, tunnels } = connection
  return [
    printable(`${name}: ${status} (${reason.message})`),
    `  id           ${id}`,
    `  type         ${authentication}, mode ${mode}`,
    `  peer         ${printable(peer)}`,
    ...(certificate
      ? [
          printable(
            `  certificate  ${certificate.subject}, version ${certificate.version}, until ${formatDay(certificate.notAfterSeconds)}`,
          ),
        ]
      : []),
    ...notes.map(note => printable(`  note         ${note}`)),
    ...tunnels.flatMap(tunnelLines),
  ]
}

function tunnelLines({ sessions, drops, ...tunnel }: TunnelView): string[] {
  const { status, reason, bytesReceived, bytesSent } = tunnel
  const traffic = `${formatBytes(bytesReceived)} in, ${formatBytes(bytesSent)} out`
  const dropped = Object.entries(drops).filter(([, count]) => count > 0)
  const counts = dropped.map(([why, count]) => `${count} ${why}`).join(', ')
  return [
    printable(`  tunnel ${tunnel.tunnel}: ${status} (${reason.message}), ${traffic}`),
    ...(counts === '' ? [] : [`    dropped: ${counts}`]),
    ...sessions.flatMap(ikeSaLines),
  ]
}

function ikeSaLines(sa: IkeSaView): string[] {
  const { initiatorSpi, isInitiator, isCarrier, local, remote, suite, method, natDetected } = sa
  const nat = natDetected.local || natDetected.remote ? ', behind NAT' : ''
  const begun = `begun ${isInitiator ? 'here' : 'there'} ${ago(sa.establishedSeconds)} ago`
  return [
    `    IKE SA ${initiatorSpi}: ${begun}${isCarrier ? ', carries the traffic' : ''}${nat}`,
    `      ${local} to ${remote}, by ${method}`,
    printable(`      we are ${sa.localIdentity}, the peer is ${sa.remoteIdentity}`),
    `      ${suite.encryption}, ${suite.integrity}, ${suite.prf}, ${suite.group}`,
    ...sa.children.flatMap(childSaLines),
  ]
}

function childSaLines(child: ChildSaView): string[] {
  const { receiveSpi, sendSpi, encryption, integrity, group, local, remote } = child
  const traffic = `${formatBytes(child.bytesReceived)} in, ${formatBytes(child.bytesSent)} out`
  return [
    `      Child SA ${hex(receiveSpi)} in, ${hex(sendSpi)} out: ${ago(child.establishedSeconds)} old, ${traffic}`,
    `        ${[encryption, integrity, group].filter(part => part !== '').join(', ')}`,
    `        ${local.join(', ')} to ${remote.join(', ')}`,
  ]
}

function hex(spi: number): string {
  return spi.toString(16).padStart(8, '0')
}
