import { DEVICE_UNKNOWN, GATEWAY_UNKNOWN, KEY_PLACEHOLDER, SUBJECT_UNKNOWN } from './placeholders.ts'
import { espProposal, ikeProposal, LIBRESWAN } from './proposals.ts'
import type { TunnelCertificates, TunnelPlan } from './tunnel-plan.ts'

/** A file for `/etc/ipsec.d` of the device. */
export function libreswanConf(plan: TunnelPlan): string {
  const { name, gateway, device, policy, protocol, dpdSeconds, certificates } = plan
  const remote = gateway.address ?? GATEWAY_UNKNOWN
  const local = device.address ?? DEVICE_UNKNOWN
  const lines = [
    'left=%defaultroute',
    `leftsubnets={${device.prefixes.join(',')}}`,
    `right=${remote}`,
    `rightsubnets={${gateway.prefixes.join(',')}}`,
    ...(certificates
      ? byCertificates(certificates)
      : ['authby=secret', `leftid=${identity(local)}`, `rightid=${identity(remote)}`]),
    `ikev2=${protocol === 'IKEv1' ? 'no' : 'insist'}`,
    `ike=${ikeProposal(LIBRESWAN, policy)}`,
    `esp=${espProposal(LIBRESWAN, policy)}`,
    `pfs=${policy.pfsGroup === 'None' ? 'no' : 'yes'}`,
    `salifetime=${policy.saLifeTimeSeconds}s`,
    `dpddelay=${dpdSeconds}`,
    'auto=start',
  ]
  const secret = `# In /etc/ipsec.d/${name}.secrets:\n# ${identity(local)} ${identity(remote)} : PSK "${KEY_PLACEHOLDER}"\n`
  return `# Libreswan 4.0 or later: /etc/ipsec.d/${name}.conf
# Written for the connection ${name}. Load it with: ipsec restart
${certificates ? '' : secret}conn ${name}
${lines.map(line => `\t${line}`).join('\n')}
`
}

function byCertificates({ gatewaySubject = SUBJECT_UNKNOWN, deviceName }: TunnelCertificates): string[] {
  return [
    'authby=rsasig,ecdsa',
    '# The certificate of this device, in its NSS database; the root of the gateway beside it, trusted (CT,,).',
    ...(deviceName === undefined ? [] : [`# The gateway takes one of the subject ${deviceName} alone.`]),
    'leftcert=device',
    'leftid=%fromcert',
    'leftsendcert=always',
    `rightid="${gatewaySubject}"`,
    'rightca=%any',
  ]
}

/** A name that is not an address is marked as one. */
function identity(host: string): string {
  return /^[0-9.]+$|:/.test(host) ? host : `@${host}`
}
