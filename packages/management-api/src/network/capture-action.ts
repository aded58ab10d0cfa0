import { definitionOf, VIRTUAL_NETWORK_GATEWAY_TYPE } from '@causeway/api-contract'
import { type ActionCall, ResourceServerError } from '../resources/resource-server.ts'
import { asked, isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** `StartPacketCapture` and `StopPacketCapture`, of a gateway and of a connection. */
export async function captureAction(options: NetworkOptions, call: ActionCall): Promise<string> {
  const { capture } = options
  const { name, body } = call
  if (!capture)
    throw new ResourceServerError(
      'OperationNotSupported',
      'This gateway captures no packets. Capture them on its machine, as with tcpdump.',
      name,
    )
  judgeCapture(options, call)
  const { filterData, sasUrl } = (body ?? {}) as { readonly filterData?: string; readonly sasUrl?: string }
  return asked(() => (name === 'StartPacketCapture' ? capture.start(filterData) : capture.stop(sasUrl)))
}

/** What is captured is everybody's packets, whichever resource is asked: it is the gateway that one needs the right of. */
function judgeCapture({ gateway, resources }: NetworkOptions, { name, resource, caller }: ActionCall): void {
  const id = gateway.present()?.resource.id
  if (id === undefined || isSameId(id, resource.id)) return
  const { actionPrefix } = definitionOf(VIRTUAL_NETWORK_GATEWAY_TYPE)
  const right = `${actionPrefix}/${name.charAt(0).toLowerCase()}${name.slice(1)}/action`
  const refused = resources.judgeRight(caller, right, id)
  if (refused) throw new ResourceServerError(refused.code, refused.message, refused.target)
}
