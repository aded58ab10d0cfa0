import { randomUUID } from 'node:crypto'
import { formatIpPrefix } from '@causeway/wire'
import { destinationsOf } from '../destinations.ts'
import { strongswanString } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'
import { nativeSuites, strongswanEspProposal, strongswanIkeProposal } from './ikev2-names.ts'

/**
 * `StrongSwan/`: what goes into /etc/swanctl as it is (`cp -r StrongSwan/. /etc/swanctl/`, then
 * `swanctl --load-all` and `swanctl --initiate --child causeway`).
 */
export function strongswanFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const { clientName } = parts
  const files = [
    { path: 'StrongSwan/conf.d/causeway.conf', content: swanctlConf(parts, signIn) },
    { path: 'StrongSwan/x509ca/causeway-ca.pem', content: parts.authority },
  ]
  if (signIn.type === 'password') return files
  const { pem, privateKey } = signIn.certificate
  return [
    ...files,
    { path: `StrongSwan/x509/${clientName}.pem`, content: pem },
    { path: `StrongSwan/private/${clientName}.pem`, content: privateKey },
  ]
}

function swanctlConf(parts: PackageParts, signIn: SignIn): string {
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
${localAuthentication(clientName, signIn)}    }
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
${signIn.type === 'password' ? passwordPlace(clientName) : ''}`
}

function localAuthentication(clientName: string, signIn: SignIn): string {
  const id = strongswanString(clientName)
  if (signIn.type === 'password')
    return `      auth = eap-mschapv2
      eap_id = ${id}
      id = ${id}
`
  return `      auth = pubkey
      certs = ${strongswanString(`${clientName}.pem`)}
      id = ${id}
`
}

/** swanctl asks for no password of EAP. */
function passwordPlace(clientName: string): string {
  return `
# Put your password here and take away the marks of comment.
# secrets {
#   eap-causeway {
#     id = ${strongswanString(clientName)}
#     secret = "PASSWORD"
#   }
# }
`
}

/** A profile of strongSwan's Android app, with the certificate in it; its password is asked for once, or else the user's. */
export function androidProfile(parts: PackageParts, signIn: SignIn): PackageFile {
  const { configuration, hostNames, serverName, clientName, authorityDer } = parts
  const { ikeSuites, espSuites } = configuration.ikev2
  const suites = nativeSuites(ikeSuites, espSuites)
  const destinations = destinationsOf(configuration)
  const profile = {
    uuid: randomUUID(),
    name: `${configuration.name} (${clientName})`,
    type: signIn.type === 'password' ? 'ikev2-eap' : 'ikev2-cert',
    remote: {
      addr: hostNames[0] ?? '',
      id: serverName,
      cert: Buffer.from(authorityDer).toString('base64'),
    },
    local:
      signIn.type === 'password'
        ? { eap_id: clientName }
        : { p12: Buffer.from(signIn.certificate.pkcs12).toString('base64') },
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
