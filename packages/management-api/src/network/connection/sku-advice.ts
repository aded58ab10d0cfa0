import { skuOf, type VirtualNetworkGateway } from '@causeway/api-contract'
import type { Body } from '../../resources/document.ts'

/** Azure recommends certificates from here on (the S2S seed). */
const RECOMMENDED = /^VpnGw[1-5]AZ$/i

/** What Azure advises of a connection with certificates on a small SKU; `undefined`: nothing. */
export function certificateAdvice(
  gateway: VirtualNetworkGateway,
  { authenticationType }: Body,
): string | undefined {
  const name = skuOf(gateway)?.name
  if (authenticationType !== 'Certificate' || name === undefined || RECOMMENDED.test(name)) return undefined
  return `certificate authentication on a gateway of ${name}: VpnGw1AZ or higher is recommended`
}
