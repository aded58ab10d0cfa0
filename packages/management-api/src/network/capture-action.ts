import { type ActionCall, ResourceServerError } from '../resources/resource-server.ts'
import { asked } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** `StartPacketCapture` and `StopPacketCapture`, of a gateway and of a connection. */
export async function captureAction(
  { capture }: NetworkOptions,
  { name, body }: ActionCall,
): Promise<string> {
  if (!capture)
    throw new ResourceServerError(
      'OperationNotSupported',
      'This gateway captures no packets. Capture them on its machine, as with tcpdump.',
      name,
    )
  const { filterData, sasUrl } = (body ?? {}) as { readonly filterData?: string; readonly sasUrl?: string }
  return asked(() => (name === 'StartPacketCapture' ? capture.start(filterData) : capture.stop(sasUrl)))
}
