import { DEVICE_UNKNOWN, GATEWAY_UNKNOWN, KEY_PLACEHOLDER, SUBJECT_UNKNOWN } from './placeholders.ts'
import { espProposal, ikeProposal, STRONGSWAN } from './proposals.ts'
import type { TunnelCertificates, TunnelPlan } from './tunnel-plan.ts'

/** A file for `/etc/swanctl/conf.d` of the device. */
export function swanctlConf(plan: TunnelPlan): string {
  const { name, gateway, device, policy, protocol, dpdSeconds, certificates } = plan
  const section = name.replaceAll('.', '_')
  const remote = gateway.address ?? GATEWAY_UNKNOWN
  const local = device.address ?? DEVICE_UNKNOWN
  const secrets = certificates
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
      ${(certificates ? ownCertificate(certificates) : ['auth = psk', `id = ${local}`]).join(INDENT)}
    }
    remote {
      ${(certificates ? gatewayCertificate(certificates) : ['auth = psk', `id = ${remote}`]).join(INDENT)}
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

const INDENT = '\n      '

/** Its identity is the subject of its certificate. */
function ownCertificate({ deviceName }: TunnelCertificates): readonly string[] {
  return [
    'auth = pubkey',
    '# The certificate of this device in /etc/swanctl/x509, its key in /etc/swanctl/private.',
    ...(deviceName === undefined ? [] : [`# The gateway takes one of the subject ${deviceName} alone.`]),
    'certs = device.pem',
  ]
}

function gatewayCertificate({ gatewaySubject = SUBJECT_UNKNOWN }: TunnelCertificates): readonly string[] {
  return [
    'auth = pubkey',
    '# The root of the certificate of the gateway, in /etc/swanctl/x509ca.',
    'cacerts = gateway-root.pem',
    `id = "${gatewaySubject}"`,
  ]
}
