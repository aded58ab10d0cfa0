import { type Credential, publicCertData } from '../harness/certificates.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { importSigned, type Signed, sign } from './credentials.ts'
import type { DeviceProof } from './device.ts'
import { openSites, type SitesOptions, type SitesScenario } from './scenario.ts'

/** A gateway with a certificate in its vault, and a device with one, of a root each. */
export interface CertificateScenario extends SitesScenario {
  readonly own: Signed
  readonly theirs: Signed
  /** Identifier of the gateway's certificate, without a version. */
  readonly outbound: string
}

/** What the gateway's certificate is called in the vault. */
export const OWN_NAME = 'gateway'
export const OWN_SUBJECT = 'gateway.test'
export const SITE_SUBJECT = 'site.test'

export async function openCertificates(options: Partial<SitesOptions> = {}): Promise<CertificateScenario> {
  const scenario = await openSites({ sites: [{}], hasVault: true, ...options })
  try {
    const own = await sign(OWN_SUBJECT)
    const theirs = await sign(SITE_SUBJECT)
    const id = await importSigned(scenario, OWN_NAME, own)
    return { ...scenario, own, theirs, outbound: withoutVersion(id) }
  } catch (error) {
    await scenario.close()
    throw error
  }
}

/** A Key Vault identifier that means the newest version. */
export function withoutVersion(id: string): string {
  return id.replace(/\/[0-9a-f]{32}$/, '')
}

/** Changes of the connection of a device. */
export interface InboundChanges {
  readonly outbound?: string
  readonly subject?: string
  readonly chain?: readonly Pick<Credential, 'certificatePath'>[]
}

/** Certificate authentication of a connection, with what fits the scenario's device unless said otherwise. */
export function certificateConnection(
  { outbound, theirs }: Pick<CertificateScenario, 'outbound' | 'theirs'>,
  changes: InboundChanges = {},
): object {
  return {
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: changes.outbound ?? outbound,
      inboundAuthCertificateSubjectName: changes.subject ?? SITE_SUBJECT,
      inboundAuthCertificateChain: (changes.chain ?? [theirs.root]).map(publicCertData),
    },
  }
}

/** How the scenario's device proves who it is; with another certificate if one is given. */
export function certificateProof(
  { own, theirs }: Pick<CertificateScenario, 'own' | 'theirs'>,
  credential: Credential = theirs.credential,
  intermediates: readonly Credential[] = [],
): DeviceProof {
  return {
    type: 'certificate',
    credential,
    intermediates: intermediates.map(({ certificatePath }) => certificatePath),
    trusts: [own.root.certificatePath],
    gatewayIdentity: `CN=${OWN_SUBJECT}`,
  }
}

/** Where the gateway is, as devices know it. */
export const GATEWAY: string = ADDRESSES.gateway
