import { DEVICE_UNKNOWN, GATEWAY_UNKNOWN, KEY_PLACEHOLDER } from './placeholders.ts'
import { espProposal, ikeProposal, LIBRESWAN } from './proposals.ts'
import type { TunnelPlan } from './tunnel-plan.ts'

/** A file for `/etc/ipsec.d` of the device. */
export function libreswanConf(plan: TunnelPlan): string {
  const { name, gateway, device, policy, protocol, dpdSeconds, hasCertificates } = plan
  const remote = gateway.address ?? GATEWAY_UNKNOWN
  const local = device.address ?? DEVICE_UNKNOWN
  const authentication = hasCertificates
    ? [
        'authby=rsasig',
        '# The certificate of this device, in its NSS database.',
        'leftcert=device',
        'rightca=%any',
      ]
    : ['authby=secret']
  const lines = [
    'left=%defaultroute',
    `leftid=${identity(local)}`,
    `leftsubnets={${device.prefixes.join(',')}}`,
    `right=${remote}`,
    `rightid=${identity(remote)}`,
    `rightsubnets={${gateway.prefixes.join(',')}}`,
    ...authentication,
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
${hasCertificates ? '' : secret}conn ${name}
${lines.map(line => `\t${line}`).join('\n')}
`
}

/** A name that is not an address is marked as one. */
function identity(host: string): string {
  return /^[0-9.]+$|:/.test(host) ? host : `@${host}`
}
