import { lookup } from 'node:dns/promises'
import type { RadiusServer } from '@causeway/radius'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { RadiusConfiguration, RadiusServerConfiguration } from '../configuration.ts'

/** The servers as the client asks them, their names looked up; one whose name is not known is left out, with a warning. */
export async function resolveServers({ servers }: RadiusConfiguration, log: Logger): Promise<RadiusServer[]> {
  const resolved = await Promise.all(
    servers.map(async server => {
      const address = parseIpAddress(server.host) ?? (await lookUp(server.host, log))
      return address ? [radiusServer(server, address)] : []
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
