import { randomUUID } from 'node:crypto'
import { formatIpPrefix } from '@causeway/wire'
import { destinationsOf } from '../destinations.ts'
import { strongswanString } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import { nativeSuites, strongswanEspProposal, strongswanIkeProposal } from './ikev2-names.ts'

/**
 * `StrongSwan/`: what goes into /etc/swanctl as it is (`cp -r StrongSwan/. /etc/swanctl/`, then
 * `swanctl --load-all` and `swanctl --initiate --child causeway`).
 */
export function strongswanFiles(parts: PackageParts): PackageFile[] {
  const { clientName } = parts
  return [
    { path: 'StrongSwan/conf.d/causeway.conf', content: swanctlConf(parts) },
    { path: `StrongSwan/x509/${clientName}.pem`, content: parts.certificate },
    { path: `StrongSwan/private/${clientName}.pem`, content: parts.privateKey },
    { path: 'StrongSwan/x509ca/causeway-ca.pem', content: parts.authority },
  ]
}

function swanctlConf(parts: PackageParts): string {
  const { configuration, hostNames, serverName, clientName } = parts
  const { ikeSuites, espSuites } = configuration.ikev2
  const pools = [configuration.pool.ipv4 && '0.0.0.0', configuration.pool.ipv6 && '::'].filter(Boolean)
  return `connections {
  causeway {
    version = 2
    remote_addrs = ${hostNames.join(', ')}
    vips = ${pools.join(', ')}
    proposals = ${ikeSuites.map(strongswanIkeProposal).join(', ')}
    dpd_delay = 30s
    mobike = ${configuration.ikev2.mobike ? 'yes' : 'no'}
    local {
      auth = pubkey
      certs = ${strongswanString(`${clientName}.pem`)}
      id = ${strongswanString(clientName)}
    }
    remote {
      auth = pubkey
      id = ${strongswanString(serverName)}
      cacerts = causeway-ca.pem
    }
    children {
      causeway {
        # The gateway narrows it to the networks behind it.
        remote_ts = 0.0.0.0/0, ::/0
        esp_proposals = ${espSuites.map(strongswanEspProposal).join(', ')}
        start_action = none
        close_action = start
        dpd_action = restart
      }
    }
  }
}
`
}

/** A profile of strongSwan's Android app, with the certificate in it; the password is asked for once. */
export function androidProfile(parts: PackageParts): PackageFile {
  const { configuration, hostNames, serverName, clientName, authorityDer, pkcs12 } = parts
  const { ikeSuites, espSuites } = configuration.ikev2
  const suites = nativeSuites(ikeSuites, espSuites)
  const destinations = destinationsOf(configuration)
  const profile = {
    uuid: randomUUID(),
    name: `${configuration.name} (${clientName})`,
    type: 'ikev2-cert',
    remote: {
      addr: hostNames[0] ?? '',
      id: serverName,
      cert: Buffer.from(authorityDer).toString('base64'),
    },
    local: { p12: Buffer.from(pkcs12).toString('base64') },
    // The app takes one of each.
    ...(suites && {
      'ike-proposal': strongswanIkeProposal(suites.ike),
      'esp-proposal': strongswanEspProposal(suites.esp),
    }),
    ...(destinations.length > 0 && {
      'split-tunneling': { subnets: destinations.map(formatIpPrefix).join(' ') },
    }),
  }
  return { path: `Android/${clientName}.sswan`, content: `${JSON.stringify(profile, null, 2)}\n` }
}
