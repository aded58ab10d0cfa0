import { quote } from '@causeway/api-contract'
import { type ActionCall, ResourceServerError } from '../../resources/resource-server.ts'
import type { NetworkOptions } from '../network-options.ts'
import { DEVICES, deviceNamed } from './device-list.ts'
import { genericText } from './generic-text.ts'
import { libreswanConf } from './libreswan-conf.ts'
import { swanctlConf } from './swanctl-conf.ts'
import { tunnelPlan } from './tunnel-plan.ts'

/**
 * The configuration of the device at a connection's other end, without the key. Errors: `InvalidParameter` for a device
 * that is not in the list, or that does not have what the connection's policy asks for.
 */
export async function deviceScript(options: NetworkOptions, { resource, body }: ActionCall): Promise<string> {
  const { vendor, deviceFamily, firmwareVersion } = (body ?? {}) as Readonly<
    Record<string, string | undefined>
  >
  const device = deviceNamed(vendor, deviceFamily, firmwareVersion)
  if (!device) {
    const wanted = [vendor, deviceFamily, firmwareVersion].filter(text => text !== undefined).join(' ')
    const known = DEVICES.map(each => [each.vendor, each.family, each.firmware].map(quote).join(' '))
    throw new ResourceServerError(
      'InvalidParameter',
      `vendor: there is no script for ${quote(wanted)}; use one of ${known.join(', ')} (vendor, deviceFamily, firmwareVersion).`,
      'vendor',
    )
  }
  const plan = await tunnelPlan(options, resource)
  switch (device.format) {
    case 'swanctl':
      return swanctlConf(plan)
    case 'ipsec-conf':
      return libreswanConf(plan)
    case 'text':
      return genericText(plan)
    default:
      return device.format satisfies never
  }
}
