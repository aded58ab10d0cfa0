import { lookup } from 'node:dns/promises'
import { type IpAddress, parseIpAddress } from '@causeway/wire'

/** The addresses of a name, those of IPv4 first: Azure knows peers by no others. Rejects with a reason for the log. */
export type ResolveName = (name: string) => Promise<readonly IpAddress[]>

/** By the machine's own resolver, its hosts file included. */
export const resolveBySystem: ResolveName = async name => {
  const found = await lookup(name, { all: true, verbatim: true })
  const addresses = found.flatMap(({ address }) => parseIpAddress(address) ?? [])
  return addresses.toSorted((a, b) => a.family - b.family)
}
