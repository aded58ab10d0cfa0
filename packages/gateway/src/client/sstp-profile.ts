import type { TlsContext } from '@causeway/control-tls'
import type { Endpoint } from '@causeway/wire'
import { describeCertificate, readCertificates } from '@causeway/x509'
import { eapPeerTlsContext, sstpClientTlsContext } from '../tls/client-context.ts'
import { authorityJudge, type ServerJudge } from './server-judge.ts'

/** What our own SSTP client connects with. It signs in by EAP-TLS. */
export interface SstpClientProfile {
  /** The gateway's address; its port 443 unless another is named. */
  readonly server: Endpoint
  /** The name that must stand in the server's certificate. */
  readonly serverName: string
  /** PEM: the root of the server's certificate. */
  readonly authority: string
  /** PEM, leaf first. */
  readonly certificate: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** Inner MTU in bytes. */
  readonly tunnelMtu: number
  /** A TLS record for each packet, as most clients send them, and as a server sends them to some. */
  readonly recordPerPacket?: boolean
}

/** What a profile means: made once for all calls. */
export interface SstpAccess {
  readonly profile: SstpClientProfile
  /** TLS around SSTP. */
  readonly tls: TlsContext
  /** TLS inside EAP. */
  readonly eapTls: TlsContext
  readonly judge: ServerJudge
  /** What it calls itself in EAP. */
  readonly identity: string
}

/** Errors: `X509Error`, `ERR_TLS_SETTINGS`. */
export function sstpAccess(profile: SstpClientProfile, unixSeconds: () => number): SstpAccess {
  const [leaf] = readCertificates(profile.certificate)
  return {
    profile,
    tls: sstpClientTlsContext(profile.serverName),
    eapTls: eapPeerTlsContext(profile.certificate, profile.privateKey),
    judge: authorityJudge(profile.authority, profile.serverName, unixSeconds),
    identity: (leaf && describeCertificate(leaf).commonName) ?? '',
  }
}
