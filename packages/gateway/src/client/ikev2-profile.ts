import type { SignatureScheme } from '@causeway/crypto'
import { createSigner, type Signer } from '@causeway/crypto-node'
import type { EspSuite, IkeSuite, PeerTerms } from '@causeway/ikev2'
import { asciiBytes, type Endpoint, type IpPrefix, parseIpPrefix, prefixSelector } from '@causeway/wire'
import { describeCertificate, readCertificates } from '@causeway/x509'
import { FRAGMENT_BYTES, NAT_KEEPALIVE_SECONDS, REKEY_PACKETS, REPLAY_WINDOW } from '../ikev2/common-terms.ts'

/** What our own IKEv2 client connects with. */
export interface Ikev2ClientProfile {
  /** The gateway's address; its port 4500 unless another is named. */
  readonly server: Endpoint
  /** The name that must stand in the server's certificate. */
  readonly serverName: string
  /** PEM: the root of the server's certificate. */
  readonly authority: string
  /** PEM, leaf first. */
  readonly certificate: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** In order of preference. */
  readonly ikeSuites: readonly IkeSuite[]
  readonly espSuites: readonly EspSuite[]
  /** ESP in UDP even without a NAT on the way. */
  readonly forceEncapsulation: boolean
  /** Inner MTU in bytes. */
  readonly tunnelMtu: number
  /** Seconds between rekeys; absent: a day. */
  readonly ikeRekeySeconds?: number
  readonly childRekeySeconds?: number
}

const DAY_SECONDS = 86_400
const LIVENESS_SECONDS = 30

/** All of both families: the server narrows it. */
const EVERYTHING = ['0.0.0.0/0', '::/0'].map(text => prefixSelector(parseIpPrefix(text) as IpPrefix))

/** The terms of a profile, and what signs for it. Errors: `X509Error`, `CryptoNodeError`. */
export function profileTerms(profile: Ikev2ClientProfile): { terms: PeerTerms; signer: Signer } {
  const signer = createSigner(profile.privateKey)
  const chain = readCertificates(profile.certificate)
  const { ikeRekeySeconds = DAY_SECONDS, childRekeySeconds = DAY_SECONDS } = profile
  const terms: PeerTerms = {
    ikeSuites: profile.ikeSuites,
    espSuites: profile.espSuites,
    own: { type: 'certificate', chain, schemes: signer.schemes satisfies readonly SignatureScheme[] },
    identification: ownName(chain),
    expectedIdentification: name(profile.serverName),
    peer: { certificate: true, eap: false },
    authorityKeyHashes: [],
    requestAddresses: { ipv4: true, ipv6: true },
    local: EVERYTHING,
    remote: EVERYTHING,
    initialContact: false,
    childless: false,
    mobike: true,
    ikeRekeySeconds,
    ikeLifetimeSeconds: 2 * ikeRekeySeconds,
    childRekeySeconds,
    childLifetimeSeconds: 2 * childRekeySeconds,
    childRekeyBytes: 0,
    childRekeyPackets: REKEY_PACKETS,
    rekeyWithoutGroup: false,
    reauthenticationSeconds: 0,
    livenessSeconds: LIVENESS_SECONDS,
    natKeepaliveSeconds: NAT_KEEPALIVE_SECONDS,
    fragmentBytes: FRAGMENT_BYTES,
    replayWindow: REPLAY_WINDOW,
    forceEncapsulation: profile.forceEncapsulation,
  }
  return { terms, signer }
}

function ownName([leaf]: readonly Uint8Array[]): PeerTerms['identification'] {
  const { commonName = '' } = leaf ? describeCertificate(leaf) : {}
  return name(commonName)
}

function name(text: string): PeerTerms['identification'] {
  return { type: 'ID_FQDN', number: 2, data: asciiBytes(text) }
}
