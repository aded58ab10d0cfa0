import { type Endpoint, formatEndpoint, formatIpAddress } from '@causeway/wire'
import type { Listener } from '../configuration.ts'

/** Where a listener is, as text: ESP has no port. */
export function formatListenerAddress(transport: Listener['transport'], local: Endpoint): string {
  return transport === 'esp' ? formatIpAddress(local.address) : formatEndpoint(local)
}
