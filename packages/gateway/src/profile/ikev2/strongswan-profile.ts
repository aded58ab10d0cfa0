import { formatIpPrefix } from '@causeway/wire'
import { formatPem } from '@causeway/x509'
import { destinationsOf } from '../destinations.ts'
import { strongswanString } from '../escape.ts'
import { credentialName, type PackageFile, type PackageParts, profileName } from '../package-parts.ts'
import { profileUuid } from '../profile-uuid.ts'
import type { SignIn } from '../sign-in.ts'
import { nativeSuites, strongswanEspProposal, strongswanIkeProposal } from './ikev2-names.ts'

/**
 * `StrongSwan/`: what goes into /etc/swanctl as it is (`cp -r StrongSwan/. /etc/swanctl/`, then
 * `swanctl --load-all` and `swanctl --initiate --child causeway`).
 */
export function strongswanFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const files = [
    { path: 'StrongSwan/conf.d/causeway.conf', content: swanctlConf(parts, signIn) },
    { path: 'StrongSwan/x509ca/causeway-ca.pem', content: parts.authority },
  ]
  if (signIn.type === 'password') return files
  const { certificate, radiusRoot } = signIn
  const name = credentialName(parts)
  return [
    ...files,
    ...(radiusRoot
      ? [{ path: 'StrongSwan/x509ca/causeway-radius.pem', content: formatPem(radiusRoot) }]
      : []),
    ...(certificate
      ? [
          { path: `StrongSwan/x509/${name}.pem`, content: certificate.pem },
          { path: `StrongSwan/private/${name}.pem`, content: certificate.privateKey },
        ]
      : []),
  ]
}

function swanctlConf(parts: PackageParts, signIn: SignIn): string {
  const { configuration, hostNames, serverName } = parts
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
${localAuthentication(parts, signIn)}    }
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
${signIn.type === 'password' ? passwordPlace(parts) : ''}`
}

/** Stands for the user's name in everybody's package, as Azure's `$CLIENTCERTIFICATE` does for his certificate. */
const USER_PLACE = '$USERNAME'

function localAuthentication(parts: PackageParts, signIn: SignIn): string {
  const { clientName } = parts
  const id = strongswanString(clientName ?? USER_PLACE)
  if (signIn.type === 'password')
    return `      auth = eap-mschapv2
      eap_id = ${id}
      id = ${id}
`
  const name = `${credentialName(parts)}.pem`
  const place = `      # Put your certificate into x509/${name}, and its key into private/${name}.\n`
  return `${signIn.certificate ? '' : place}      auth = ${signIn.radiusRoot ? 'eap-tls' : 'pubkey'}
      certs = ${strongswanString(name)}
${clientName === undefined ? '' : `      id = ${id}\n`}`
}

/** swanctl asks for no password of EAP. */
function passwordPlace({ clientName }: PackageParts): string {
  const name = clientName === undefined ? `your user name in place of ${USER_PLACE}, and ` : ''
  return `
# Put ${name}your password here and take away the marks of comment.
# secrets {
#   eap-causeway {
#     id = ${strongswanString(clientName ?? USER_PLACE)}
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
    uuid: profileUuid('Android', serverName, profileName(parts)),
    name: clientName === undefined ? configuration.name : `${configuration.name} (${clientName})`,
    type: androidType(signIn),
    remote: {
      addr: hostNames[0] ?? '',
      id: serverName,
      cert: Buffer.from(authorityDer).toString('base64'),
    },
    local: androidLocal(parts, signIn),
    // The app takes one of each.
    ...(suites && {
      'ike-proposal': strongswanIkeProposal(suites.ike),
      'esp-proposal': strongswanEspProposal(suites.esp),
    }),
    ...(destinations.length > 0 && {
      'split-tunneling': { subnets: destinations.map(formatIpPrefix).join(' ') },
    }),
  }
  return { path: `Android/${profileName(parts)}.sswan`, content: `${JSON.stringify(profile, null, 2)}\n` }
}

function androidType(signIn: SignIn): string {
  if (signIn.type === 'password') return 'ikev2-eap'
  return signIn.radiusRoot ? 'ikev2-eap-tls' : 'ikev2-cert'
}

/** What is not there the app asks for when the profile is imported: a certificate of the device, a user name. */
function androidLocal({ clientName }: PackageParts, signIn: SignIn): Readonly<Record<string, string>> {
  if (signIn.type === 'password') return clientName === undefined ? {} : { eap_id: clientName }
  return signIn.certificate ? { p12: Buffer.from(signIn.certificate.pkcs12).toString('base64') } : {}
}
