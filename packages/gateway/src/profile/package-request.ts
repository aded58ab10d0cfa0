/**
 * What a profile package is asked for with: `VpnClientParameters` of ARM. A package holds no client's certificate or
 * key: they are filled in by whoever gives it out.
 */
export interface ProfilePackageRequest {
  /** Whose Windows files it has. Absent: both. */
  readonly processorArchitecture?: 'Amd64' | 'X86'
  /** How native clients sign in; absent: as the gateway's authentication types say. */
  readonly authenticationMethod?: 'EAPTLS' | 'EAPMSCHAPv2'
  /** Base64 DER: the certificate of the RADIUS server that clients are to trust in EAP. */
  readonly radiusServerAuthCertificate?: string
  /** Base64 DER: roots that clients are told of beside the gateway's. */
  readonly clientRootCertificates?: readonly string[]
}
