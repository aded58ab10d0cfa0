import { type ActionCall, type ActionResult, ResourceServerError } from '../resources/resource-server.ts'
import { captureAction } from './capture-action.ts'
import { deviceListXml } from './device-script/device-list.ts'
import { asked, judgeRunning } from './gateway-resource.ts'
import { ipsecParametersOf } from './ipsec-parameters.ts'
import type { NetworkOptions } from './network-options.ts'
import { packageUrl } from './package-action.ts'
import { learnedRoutes } from './route-list.ts'
import { connectionHealth, disconnectSessions } from './session-actions.ts'

/** Actions of a gateway. `undefined`: there is no such action. */
export async function gatewayAction(
  options: NetworkOptions,
  call: ActionCall,
): Promise<ActionResult | undefined> {
  switch (call.name) {
    case 'Generatevpnclientpackage':
    case 'GenerateVpnProfile':
    case 'GetVpnProfilePackageUrl':
      return done(packageUrl(options, call))
    case 'GetVpnclientConnectionHealth':
      return done(connectionHealth(options, call.resource))
    case 'DisconnectVirtualNetworkGatewayVpnConnections':
      disconnectSessions(options, call)
      return done()
    case 'Reset':
      return done(await reset(options, call))
    case 'GetVpnclientIpsecParameters':
      return done(ipsecParametersOf(options.gateway.settings(), call.resource))
    case 'GetLearnedRoutes':
      return done({ value: await learnedRoutes(options, call.resource) })
    // There is no BGP: nobody is told of a route, and there are no peers.
    case 'GetAdvertisedRoutes':
    case 'GetBgpPeerStatus':
      return done({ value: [] })
    case 'SupportedVpnDevices':
      return done(deviceListXml())
    case 'StartPacketCapture':
    case 'StopPacketCapture':
      return done(await captureAction(options, call))
    case 'ResetVpnClientSharedKey':
      throw new ResourceServerError(
        'OperationNotSupported',
        'The key that profiles carry is made with the installation and is not changed by itself. It gives nobody access: to end that, revoke certificates or change the roots.',
        call.name,
      )
    default:
      return undefined
  }
}

function done(result?: unknown): ActionResult {
  return result === undefined ? { type: 'done' } : { type: 'done', result }
}

/** Ends all sessions, and answers the gateway. */
async function reset(options: NetworkOptions, { resource }: ActionCall): Promise<unknown> {
  judgeRunning(options, resource.id)
  await asked(() => options.gateway.reset())
  return options.resources.view(resource.id)
}
