import { type ActionCall, type ActionResult, ResourceServerError } from '../../resources/resource-server.ts'
import { captureAction } from '../capture-action.ts'
import { deviceScript } from '../device-script/device-script.ts'
import type { NetworkOptions } from '../network-options.ts'
import { recordOf } from './connection-view.ts'
import { ikeSasText } from './ike-sas.ts'

/** Actions of a connection. `undefined`: there is no such action. */
export async function connectionAction(
  options: NetworkOptions,
  call: ActionCall,
): Promise<ActionResult | undefined> {
  switch (call.name) {
    case 'GetIkeSas':
      return { type: 'done', result: ikeSas(options, call) }
    case 'ResetConnection':
      reset(options, call)
      return { type: 'done' }
    case 'VpnDeviceConfigurationScript':
      return { type: 'done', result: await deviceScript(options, call) }
    case 'StartPacketCapture':
    case 'StopPacketCapture':
      return { type: 'done', result: await captureAction(options, call) }
    default:
      return undefined
  }
}

/** A connection that is not in force has no SA. */
function ikeSas({ gateway, now }: NetworkOptions, { resource }: ActionCall): string {
  const record = recordOf(gateway.connections(), resource.id)
  return ikeSasText(record, resource.body, now())
}

/** Ends what is up, and begins anew. */
function reset({ gateway }: NetworkOptions, { resource }: ActionCall): void {
  if (gateway.resetConnection(resource.id.toLowerCase())) return
  throw new ResourceServerError(
    'Conflict',
    'This connection is not in force: it could not be applied. Put it again without what its last operation names.',
    resource.id,
  )
}
