import { DEVICE_UNKNOWN, GATEWAY_UNKNOWN, KEY_PLACEHOLDER, SUBJECT_UNKNOWN } from './placeholders.ts'
import type { TunnelPlan } from './tunnel-plan.ts'

/** What somebody needs who configures a device by hand. */
export function genericText(plan: TunnelPlan): string {
  const { name, gateway, device, policy, protocol, dpdSeconds, certificates } = plan
  const rows: readonly (readonly [string, string])[] = [
    ['Connection', name],
    ['Gateway, the other side', gateway.address ?? GATEWAY_UNKNOWN],
    ['Networks behind the gateway', gateway.prefixes.join(', ')],
    ['This device', device.address ?? DEVICE_UNKNOWN],
    ['Networks behind this device', device.prefixes.join(', ')],
    ['IKE version', protocol],
    ...(certificates
      ? ([
          ['Authentication', 'certificates'],
          ['Subject of the gateway', certificates.gatewaySubject ?? SUBJECT_UNKNOWN],
          ['Common name of this device', certificates.deviceName ?? ''],
        ] as const)
      : ([
          ['Authentication', 'pre-shared key'],
          ['Pre-shared key', KEY_PLACEHOLDER],
        ] as const)),
    ['IKE encryption', policy.ikeEncryption],
    ['IKE integrity', policy.ikeIntegrity],
    ['IKE Diffie-Hellman group', policy.dhGroup],
    ['IKE lifetime', '28800 seconds'],
    ['IPsec encryption', policy.ipsecEncryption],
    ['IPsec integrity', policy.ipsecIntegrity],
    ['Perfect forward secrecy', policy.pfsGroup],
    ['IPsec lifetime', `${policy.saLifeTimeSeconds} seconds, ${policy.saDataSizeKilobytes} KB`],
    ['Dead peer detection', `${dpdSeconds} seconds`],
    ['TCP MSS', '1350 bytes or less'],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  return `${rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n')}\n`
}
