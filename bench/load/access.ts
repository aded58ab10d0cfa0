import { readFileSync } from 'node:fs'
import { type IpAddress, parseIpAddress } from '@causeway/wire'

/** How a client reaches a server, whichever program that is: what stands in the file that a load is given. */
export interface Access {
  /** Addresses of the server and of the client. */
  readonly server: string
  readonly local: string
  /** The name in the server's certificate. */
  readonly serverName: string
  /** PEM files. */
  readonly authorityPath: string
  readonly certificatePath: string
  readonly keyPath: string
}

/** What a client of the quick start has by default. */
export const TUNNEL_MTU = 1400

/** Errors: the file cannot be read. */
export function readAccess(path: string): Access {
  return JSON.parse(readFileSync(path, 'utf8')) as Access
}

/** The certificates of an access, in PEM, and the server's name. */
export function credentialsOf(access: Access): {
  readonly serverName: string
  readonly authority: string
  readonly certificate: string
  readonly privateKey: string
} {
  const text = (path: string): string => readFileSync(path, 'utf8')
  return {
    serverName: access.serverName,
    authority: text(access.authorityPath),
    certificate: text(access.certificatePath),
    privateKey: text(access.keyPath),
  }
}

export function parseAddress(text: string): IpAddress {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new Error(`${text} is no IP address`)
  return parsed
}
