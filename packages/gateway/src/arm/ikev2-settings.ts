import { type Ikev2Settings, quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import type { Ikev2Configuration, Listener } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'
import type { P2sPolicies } from './ipsec-policies.ts'

/** We rekey at nine tenths of a custom policy's lifetime, so that the successor is there in time. */
const REKEY_SHARE = 0.9

/** Where IKE and ESP are heard: on each address UDP 500, UDP 4500 and, unless it is off, ESP itself. */
export function readIkev2Listeners(settings: Required<Ikev2Settings>, report: Report): Listener[] {
  const { addresses, port, natPort, rawEsp } = settings
  if (port === natPort) report('ikev2.natPort', `${natPort} is the same as port`, 'give another')
  return addresses.flatMap((text, i): Listener[] => {
    const address = parseIpAddress(text)
    if (!address) {
      report(`ikev2.addresses[${i}]`, `${quote(text)} is not an IP address`, 'give one, as 0.0.0.0 or ::')
      return []
    }
    return [
      { transport: 'udp', service: 'ike', local: { address, port } },
      { transport: 'udp', service: 'ike-esp', local: { address, port: natPort } },
      ...(rawEsp ? [{ transport: 'esp', service: 'esp', local: { address, port: 0 } } as const] : []),
    ]
  })
}

/** The IKEv2 part of the configuration. A custom policy's lifetime replaces that of the settings. */
export function readIkev2(
  settings: Required<Ikev2Settings>,
  policies: P2sPolicies,
  report: Report,
): Ikev2Configuration {
  const lifetime = policies.saLifetimeSeconds
  const child = {
    childRekeySeconds:
      lifetime === undefined ? settings.childRekeySeconds : Math.floor(lifetime * REKEY_SHARE),
    childLifetimeSeconds: lifetime ?? settings.childLifetimeSeconds,
  }
  checkOrder('ikev2.ikeRekeySeconds', settings.ikeRekeySeconds, settings.ikeLifetimeSeconds, report)
  checkOrder('ikev2.childRekeySeconds', child.childRekeySeconds, child.childLifetimeSeconds, report)
  return {
    ikeSuites: policies.ikeSuites,
    espSuites: policies.espSuites,
    ikeRekeySeconds: settings.ikeRekeySeconds,
    ikeLifetimeSeconds: settings.ikeLifetimeSeconds,
    ...child,
    childRekeyBytes: Math.floor((policies.saLifetimeBytes ?? 0) * REKEY_SHARE),
    livenessSeconds: settings.livenessSeconds,
    mobike: settings.mobike,
    tunnelMtu: settings.tunnelMtu,
  }
}

function checkOrder(path: string, rekey: number, lifetime: number, report: Report): void {
  if (lifetime > 0 && rekey >= lifetime)
    report(
      path,
      `${rekey} is not less than the lifetime, ${lifetime}`,
      'give less, or 0 to leave it to clients',
    )
}
