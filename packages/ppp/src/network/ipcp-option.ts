import { type IpAddress, ipAddress } from '@causeway/wire'
import type { Option } from '../wire/option.ts'

/** IPCP options (RFC 1332 §3, RFC 1877 §1). Compression (2), IP-Addresses (1) and NBNS (130, 132) are rejected. */
export const IPCP_OPTIONS = { address: 3, primaryDns: 129, secondaryDns: 131 } as const

/** What asks to be told an address. */
export const NO_ADDRESS: IpAddress = ipAddress(new Uint8Array(4))

export function addressOption(type: number, address: IpAddress): Option {
  return { type, data: address.bytes.slice() }
}

/** An address that an end may have: neither "this" network, loopback, multicast nor reserved (RFC 6890). */
export function readUnicast({ data }: Option): IpAddress | undefined {
  if (data.length !== 4) return undefined
  const first = data[0] as number
  return first === 0 || first === 127 || first >= 224 ? undefined : ipAddress(data)
}
