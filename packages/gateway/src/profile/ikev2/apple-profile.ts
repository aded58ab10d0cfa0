import { randomUUID } from 'node:crypto'
import { xmlText } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
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
 * profile. The certificate's password is asked for when it is installed.
 */
export function appleProfile(parts: PackageParts): PackageFile | undefined {
  const vpn = vpnPayload(parts)
  if (!vpn) return undefined
  const { clientName, configuration } = parts
  const profile: PlistDictionary = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: `${IDENTIFIER}.${clientName}`,
    PayloadUUID: randomUUID(),
    PayloadDisplayName: `${configuration.name} VPN (${clientName})`,
    PayloadContent: [vpn.root, vpn.certificate, vpn.tunnel],
  }
  return { path: 'Mac/VpnClientSetup.mobileconfig', content: propertyList(profile) }
}

function vpnPayload(parts: PackageParts):
  | {
      readonly root: PlistDictionary
      readonly certificate: PlistDictionary
      readonly tunnel: PlistDictionary
    }
  | undefined {
  const { configuration, clientName } = parts
  const suites = nativeSuites(configuration.ikev2.ikeSuites, configuration.ikev2.espSuites)
  if (!suites) return undefined
  const certificateUuid = randomUUID()
  const root = payload('com.apple.security.root', 'ca', randomUUID(), {
    PayloadCertificateFileName: 'ca.cer',
    PayloadContent: parts.authorityDer,
  })
  const certificate = payload('com.apple.security.pkcs12', 'certificate', certificateUuid, {
    PayloadCertificateFileName: `${clientName}.p12`,
    PayloadContent: parts.pkcs12,
  })
  const tunnel = payload('com.apple.vpn.managed', 'vpn', randomUUID(), {
    UserDefinedName: `${configuration.name} VPN`,
    VPNType: 'IKEv2',
    IKEv2: ikev2Settings(parts, suites, certificateUuid),
  })
  return { root, certificate, tunnel }
}

function ikev2Settings(
  { configuration, hostNames, serverName, clientName, clientKeyType, issuerName }: PackageParts,
  { ike, esp }: NonNullable<ReturnType<typeof nativeSuites>>,
  certificateUuid: string,
): PlistDictionary {
  return {
    RemoteAddress: hostNames[0] ?? '',
    RemoteIdentifier: serverName,
    LocalIdentifier: clientName,
    AuthenticationMethod: 'Certificate',
    PayloadCertificateUUID: certificateUuid,
    CertificateType: clientKeyType,
    // Apple's systems only send CERTREQ, and check the issuer, when they are told its name.
    ServerCertificateIssuerCommonName: issuerName,
    ServerCertificateCommonName: serverName,
    ExtendedAuthEnabled: 0,
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
