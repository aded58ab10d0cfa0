import { connect, type Socket } from 'node:net'
import type { Datapath } from '@causeway/datapath'
import type { Path } from '@causeway/openvpn'
import { type Endpoint, formatIpAddress, type IpAddress, ipAddress } from '@causeway/wire'
import { joinStream } from '../listener/stream-connection.ts'
import type { EngineDriver } from '../openvpn/engine-driver.ts'

/** How packets reach a server: a UDP port of our own, or a TCP connection. */
export interface ClientTransport {
  readonly path: Path
  close(): void
}

const TCP_CONNECT_MILLISECONDS = 10_000

/** A UDP port that the system chooses, of one of our addresses or of any. Errors: `DatapathError`. */
export function openUdp(
  datapath: Datapath,
  driver: EngineDriver,
  remote: Endpoint,
  local: IpAddress = anyAddress(remote.address.family),
): ClientTransport {
  const { id } = datapath.openPort({
    address: local,
    port: 0,
    protocol: 'openvpn',
  })
  const close = (): void => {
    driver.forgetPort(id)
    datapath.closePort(id)
  }
  return { path: { type: 'udp', port: id, remote }, close }
}

/** A TCP connection. Errors: the system's, and `ETIMEDOUT`. */
export async function openTcp(
  datapath: Datapath,
  driver: EngineDriver,
  remote: Endpoint,
): Promise<ClientTransport> {
  const socket = await connectTcp(remote)
  const connection = joinStream(socket, remote, datapath, gone => driver.removeConnection(gone))
  driver.addConnection(connection)
  return { path: { type: 'stream', stream: connection.stream, remote }, close: () => connection.abort() }
}

/** Errors: the system's, and `ETIMEDOUT`. */
export function connectTcp(remote: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: formatIpAddress(remote.address), port: remote.port, noDelay: true })
    const timer = setTimeout(() => socket.destroy(timedOut()), TCP_CONNECT_MILLISECONDS)
    socket.once('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

function timedOut(): Error {
  return Object.assign(new Error('no answer to the TCP connection'), { code: 'ETIMEDOUT' })
}

function anyAddress(family: 4 | 6): IpAddress {
  return ipAddress(new Uint8Array(family === 4 ? 4 : 16))
}
