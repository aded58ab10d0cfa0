import { DEVICE_UNKNOWN, GATEWAY_UNKNOWN, KEY_PLACEHOLDER } from './placeholders.ts'
import { espProposal, ikeProposal, STRONGSWAN } from './proposals.ts'
import type { TunnelPlan } from './tunnel-plan.ts'

/** A file for `/etc/swanctl/conf.d` of the device. */
export function swanctlConf(plan: TunnelPlan): string {
  const { name, gateway, device, policy, protocol, dpdSeconds, hasCertificates } = plan
  const section = name.replaceAll('.', '_')
  const remote = gateway.address ?? GATEWAY_UNKNOWN
  const local = device.address ?? DEVICE_UNKNOWN
  const auth = hasCertificates ? 'pubkey' : 'psk'
  const certificate = hasCertificates
    ? '\n      # The certificate of this device, in /etc/swanctl/x509.\n      certs = device.pem'
    : ''
  const secrets = hasCertificates
    ? ''
    : `
secrets {
  ike-${section} {
    id-1 = ${local}
    id-2 = ${remote}
    secret = "${KEY_PLACEHOLDER}"
  }
}
`
  return `# strongSwan 5.9 or later: /etc/swanctl/conf.d/${name}.conf
# Written for the connection ${name}. Load it with: swanctl --load-all
connections {
  ${section} {
    version = ${protocol === 'IKEv1' ? 1 : 2}
    local_addrs = %any
    remote_addrs = ${remote}
    proposals = ${ikeProposal(STRONGSWAN, policy)}
    dpd_delay = ${dpdSeconds}s
    keyingtries = 0
    local {
      auth = ${auth}
      id = ${local}${certificate}
    }
    remote {
      auth = ${auth}
      id = ${remote}
    }
    children {
      ${section} {
        local_ts = ${device.prefixes.join(',')}
        remote_ts = ${gateway.prefixes.join(',')}
        esp_proposals = ${espProposal(STRONGSWAN, policy)}
        life_time = ${policy.saLifeTimeSeconds}s
        rekey_time = ${Math.floor(policy.saLifeTimeSeconds * 0.9)}s
        life_bytes = ${policy.saDataSizeKilobytes * 1_024}
        dpd_action = restart
        start_action = start
      }
    }
  }
}
${secrets}`
}
