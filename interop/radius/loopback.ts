import type { RadiusServer } from '@causeway/radius'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { Freeradius, type FreeradiusOptions } from '../harness/freeradius.ts'
import { RADIUS_PORTS } from '../harness/freeradius-config.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { endpoint } from './own-client.ts'
import { PEOPLE, SECRET, SECRET_BYTES } from './people.ts'

/** Whom servers and those who ask them trust. */
export interface Certificates {
  readonly authority: Credential
  readonly server: Credential
}

/** Keys of elliptic curves: made at once. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await createAuthority('RADIUS Root', 'ecp-256')
  const alternativeNames = ['DNS:radius.corp.example', `IP:${ADDRESSES.inside}`]
  const names = { commonName: 'radius.corp.example', alternativeNames }
  const server = await issue(authority, { ...names, usage: 'serverAuth', key: 'ecp-256' })
  return { authority, server }
}

/** An address of the loopback network that no other run has. */
export function loopback(host: number): string {
  return `127.${100 + ((process.pid >> 8) % 100)}.${process.pid & 255}.${host}`
}

/** A server on the loopback network that knows everybody. */
export function startServer(
  { authority, server }: Certificates,
  host: number,
  options: Partial<FreeradiusOptions> = {},
): Promise<Freeradius> {
  return Freeradius.start({
    address: loopback(host),
    peers: [{ prefix: '127.0.0.0/8', secret: SECRET }],
    credential: server,
    authority,
    users: PEOPLE,
    ...options,
  })
}

/** How Causeway's client knows it. */
export function serverAt(host: number, more: Partial<RadiusServer> = {}): RadiusServer {
  return {
    id: `server-${host}`,
    score: 30 - host,
    transport: 'udp',
    secret: SECRET_BYTES,
    authentication: endpoint(loopback(host), RADIUS_PORTS.authentication),
    accounting: endpoint(loopback(host), RADIUS_PORTS.accounting),
    ...more,
  }
}
