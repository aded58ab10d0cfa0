import { xmlText } from '../escape.ts'
import { type ClientCertificate, type PackageFile, type PackageParts, profileName } from '../package-parts.ts'
import { profileUuid } from '../profile-uuid.ts'
import type { SignIn } from '../sign-in.ts'
import { APPLE_ENCRYPTION, APPLE_GROUP, APPLE_INTEGRITY, nativeSuites } from './ikev2-names.ts'

/** A value of a property list. */
type PlistValue = string | number | boolean | Uint8Array | readonly PlistValue[] | PlistDictionary
interface PlistDictionary {
  readonly [key: string]: PlistValue
}

const IDENTIFIER = 'causeway.vpn'
const LIFETIME_MINUTES = 1_440

/**
 * `Mac/VpnClientSetup.mobileconfig` for iOS and macOS: the root, the client's certificate and the VPN in one
 * profile. The certificate's password is asked for when it is installed; that of a user when he connects.
 *
 * `undefined`: the policy has nothing that those systems know, or the package brings no certificate. A profile signs
 * in by no other certificate than one of its own payloads, so there is none then, as in Azure's packages.
 */
export function appleProfile(parts: PackageParts, signIn: SignIn): PackageFile | undefined {
  const payloads = vpnPayloads(parts, signIn)
  if (!payloads) return undefined
  const { clientName, configuration, serverName } = parts
  const name = clientName ?? serverName
  const profile: PlistDictionary = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: `${IDENTIFIER}.${name}`,
    PayloadUUID: profileUuid('Apple', serverName, profileName(parts)),
    PayloadDisplayName: `${configuration.name} VPN${clientName === undefined ? '' : ` (${clientName})`}`,
    PayloadContent: payloads,
  }
  return { path: 'Mac/VpnClientSetup.mobileconfig', content: propertyList(profile) }
}

function vpnPayloads(parts: PackageParts, signIn: SignIn): readonly PlistDictionary[] | undefined {
  const { configuration, serverName } = parts
  const suites = nativeSuites(configuration.ikev2.ikeSuites, configuration.ikev2.espSuites)
  if (!suites) return undefined
  const uuid = (...names: string[]): string => profileUuid('Apple', serverName, profileName(parts), ...names)
  const root = payload('com.apple.security.root', 'ca', uuid('ca'), {
    PayloadCertificateFileName: 'ca.cer',
    PayloadContent: parts.authorityDer,
  })
  const tunnel = (authentication: PlistDictionary): PlistDictionary =>
    payload('com.apple.vpn.managed', 'vpn', uuid('vpn'), {
      UserDefinedName: `${configuration.name} VPN`,
      VPNType: 'IKEv2',
      IKEv2: { ...ikev2Settings(parts, suites), ...authentication },
    })
  if (signIn.type === 'password') return [root, tunnel(passwordAuthentication(parts))]
  const { certificate } = signIn
  if (!certificate) return undefined
  const certificateUuid = uuid('certificate', certificate.pem)
  const bundle = payload('com.apple.security.pkcs12', 'certificate', certificateUuid, {
    PayloadCertificateFileName: `${profileName(parts)}.p12`,
    PayloadContent: certificate.pkcs12,
  })
  return [root, bundle, tunnel(certificateAuthentication(certificate, certificateUuid))]
}

/** EAP alone is no authentication method and the extended one; without a password in the profile it is asked for. */
function passwordAuthentication({ clientName }: PackageParts): PlistDictionary {
  const name = clientName === undefined ? {} : { AuthName: clientName }
  return { AuthenticationMethod: 'None', ExtendedAuthEnabled: 1, ...name }
}

function certificateAuthentication({ keyType }: ClientCertificate, uuid: string): PlistDictionary {
  return {
    AuthenticationMethod: 'Certificate',
    PayloadCertificateUUID: uuid,
    CertificateType: keyType,
    ExtendedAuthEnabled: 0,
  }
}

function ikev2Settings(
  { configuration, hostNames, serverName, clientName, issuerName }: PackageParts,
  { ike, esp }: NonNullable<ReturnType<typeof nativeSuites>>,
): PlistDictionary {
  return {
    RemoteAddress: hostNames[0] ?? '',
    RemoteIdentifier: serverName,
    // It has to be there; empty, the device sends its address.
    LocalIdentifier: clientName ?? '',
    // Apple's systems only send CERTREQ, and check the issuer, when they are told its name.
    ServerCertificateIssuerCommonName: issuerName,
    ServerCertificateCommonName: serverName,
    EnablePFS: esp.group === undefined ? 0 : 1,
    DisableMOBIKE: configuration.ikev2.mobike ? 0 : 1,
    DeadPeerDetectionRate: 'Medium',
    NATKeepAliveOffloadEnable: 1,
    IKESecurityAssociationParameters: {
      EncryptionAlgorithm: APPLE_ENCRYPTION[ike.encryption],
      IntegrityAlgorithm: APPLE_INTEGRITY[ike.integrity ?? ike.prf],
      DiffieHellmanGroup: APPLE_GROUP[ike.group],
      LifeTimeInMinutes: LIFETIME_MINUTES,
    },
    ChildSecurityAssociationParameters: {
      EncryptionAlgorithm: APPLE_ENCRYPTION[esp.encryption],
      IntegrityAlgorithm: APPLE_INTEGRITY[esp.integrity ?? 'HMAC-SHA256-128'],
      DiffieHellmanGroup: APPLE_GROUP[esp.group ?? ike.group],
      LifeTimeInMinutes: LIFETIME_MINUTES,
    },
  }
}

function payload(type: string, name: string, uuid: string, content: PlistDictionary): PlistDictionary {
  return {
    PayloadType: type,
    PayloadVersion: 1,
    PayloadIdentifier: `${IDENTIFIER}.${name}.${uuid}`,
    PayloadUUID: uuid,
    PayloadDisplayName: name,
    ...content,
  }
}

function propertyList(root: PlistDictionary): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(root, '')}
</plist>
`
}

function element(value: PlistValue, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${xmlText(value)}</string>`
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`
  if (typeof value === 'boolean') return `${indent}<${value}/>`
  if (value instanceof Uint8Array) return `${indent}<data>${Buffer.from(value).toString('base64')}</data>`
  const inner = `${indent}  `
  if (isList(value))
    return [`${indent}<array>`, ...value.map(item => element(item, inner)), `${indent}</array>`].join('\n')
  const entries = Object.entries(value).flatMap(([key, item]) => [
    `${inner}<key>${xmlText(key)}</key>`,
    element(item, inner),
  ])
  return [`${indent}<dict>`, ...entries, `${indent}</dict>`].join('\n')
}

function isList(value: readonly PlistValue[] | PlistDictionary): value is readonly PlistValue[] {
  return Array.isArray(value)
}
