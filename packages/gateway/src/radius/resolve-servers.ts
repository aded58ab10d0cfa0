import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { RadiusServer } from '@causeway/radius'
import { type Endpoint, formatIpAddress, type IpAddress, parseIpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { RadiusConfiguration, RadiusServerConfiguration } from '../configuration.ts'

/** The servers as the client asks them, their names looked up; one whose name is not known is left out, with a warning. */
export async function resolveServers({ servers }: RadiusConfiguration, log: Logger): Promise<RadiusServer[]> {
  const resolved = await Promise.all(
    servers.map(async server => {
      const address = parseIpAddress(server.host) ?? (await lookUp(server.host, log))
      if (!address) return []
      const resolved = radiusServer(server, address)
      const local = await addressTowards({ address, port: server.authenticationPort })
      return [local ? { ...resolved, local } : resolved]
    }),
  )
  return resolved.flat()
}

async function lookUp(host: string, log: Logger): Promise<IpAddress | undefined> {
  try {
    const { address } = await lookup(host)
    return parseIpAddress(address)
  } catch (error) {
    log.warn({ host, err: error }, `RADIUS server ${host}: its name cannot be looked up`)
    return undefined
  }
}

/** The address that we send from, by the system's routes now; `undefined` while there is none. Sends nothing. */
async function addressTowards({ address, port }: Endpoint): Promise<IpAddress | undefined> {
  const socket = createSocket(address.family === 4 ? 'udp4' : 'udp6')
  try {
    socket.connect(port, formatIpAddress(address))
    await once(socket, 'connect')
    return parseIpAddress(socket.address().address.split('%')[0] ?? '')
  } catch {
    // No route: the server cannot be asked either, and that is what the log says then.
    return undefined
  } finally {
    socket.close()
  }
}

function radiusServer(server: RadiusServerConfiguration, address: IpAddress): RadiusServer {
  const { host, score, transport, secret, authenticationPort, accountingPort, requireMessageAuthenticator } =
    server
  return {
    id: host,
    score,
    transport,
    secret,
    authentication: { address, port: authenticationPort },
    accounting: { address, port: accountingPort },
    requireMessageAuthenticator,
  }
}
