import type { SstpClientProfile } from '@causeway/gateway'
import { credentialsOf, parseAddress, readAccess, TUNNEL_MTU } from './access.ts'

/** How the client fills its TLS records: as full as it can, or with one packet each, as most clients do. */
export const RECORDS = ['full', 'packet'] as const
export type Records = (typeof RECORDS)[number]

const PORT = 443

/** The profile of a load's command line. Errors: usage. */
export function readProfile([path = '', name]: readonly string[]): SstpClientProfile {
  const records = RECORDS.find(known => known === name)
  if (!records) throw new Error(`usage: ACCESS RECORDS, with records of ${RECORDS.join(', ')}`)
  const access = readAccess(path)
  return {
    server: { address: parseAddress(access.server), port: PORT },
    ...credentialsOf(access),
    tunnelMtu: TUNNEL_MTU,
    recordPerPacket: records === 'packet',
  }
}
