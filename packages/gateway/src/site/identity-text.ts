import type { Identification } from '@causeway/ikev2'
import { formatHex, formatIpAddress, ipAddress } from '@causeway/wire'

const SHOWN_BYTES = 64

/**
 * What an end calls itself, for people.
 *
 * @param subject of the certificate that it was proven by: the text of a distinguished name.
 */
export function identityText({ type, data }: Identification, subject?: string): string {
  switch (type) {
    case 'ID_IPV4_ADDR':
    case 'ID_IPV6_ADDR':
      return data.length === 4 || data.length === 16 ? formatIpAddress(ipAddress(data)) : formatHex(data)
    case 'ID_FQDN':
    case 'ID_RFC822_ADDR':
      return printable(data)
    case 'ID_DER_ASN1_DN':
      return subject ?? formatHex(data.subarray(0, SHOWN_BYTES))
    case 'ID_DER_ASN1_GN':
    case 'ID_KEY_ID':
    case 'other':
      return `${type} ${formatHex(data.subarray(0, SHOWN_BYTES))}`
    default:
      return type satisfies never
  }
}

/** The peer chooses it: no control characters go to terminals and logs. */
function printable(data: Uint8Array): string {
  const text = Buffer.from(data.subarray(0, 4 * SHOWN_BYTES)).toString('latin1')
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
