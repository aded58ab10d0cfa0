import type { Signer } from '@causeway/crypto-node'
import {
  addressIdentification,
  type Identification,
  nameIdentification,
  type PeerTerms,
} from '@causeway/ikev2'
import { parseIpAddress } from '@causeway/wire'
import { describeCertificate } from '@causeway/x509'
import type { GatewayConfiguration } from '../configuration.ts'
import {
  FRAGMENT_BYTES,
  NAT_KEEPALIVE_SECONDS,
  REKEY_PACKETS,
  REPLAY_WINDOW,
  subjectKeyHash,
} from './common-terms.ts'

/** What is the same for all clients as long as configuration and certificate stay. */
export interface ResponderMaterial {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[]
  readonly signer: Signer
  /** The name in the certificate by which clients know the gateway. */
  readonly serverName: string
}

/** On what terms clients connect. */
export function clientTerms(configuration: GatewayConfiguration, material: ResponderMaterial): PeerTerms {
  const { ikev2, listeners, certificateAuthentication, authentication } = configuration
  const methods = authentication.get('IkeV2') ?? new Set()
  return {
    ikeSuites: ikev2.ikeSuites,
    espSuites: ikev2.espSuites,
    own: { type: 'certificate', chain: material.chain, schemes: material.signer.schemes },
    identification: nameIdentification(material.serverName),
    otherIdentifications: certificateNames(material.chain),
    peer: { certificate: methods.has('Certificate'), eap: methods.size > 0 },
    authorityKeyHashes: certificateAuthentication.roots.map(subjectKeyHash),
    local: [],
    remote: [],
    initialContact: false,
    childless: false,
    mobike: ikev2.mobike,
    ikeRekeySeconds: ikev2.ikeRekeySeconds,
    ikeLifetimeSeconds: ikev2.ikeLifetimeSeconds,
    childRekeySeconds: ikev2.childRekeySeconds,
    childLifetimeSeconds: ikev2.childLifetimeSeconds,
    childRekeyBytes: ikev2.childRekeyBytes,
    childRekeyPackets: REKEY_PACKETS,
    // Windows, macOS and iOS refuse a rekey with a group that they did not expect.
    rekeyWithoutGroup: true,
    reauthenticationSeconds: 0,
    livenessSeconds: ikev2.livenessSeconds,
    natKeepaliveSeconds: NAT_KEEPALIVE_SECONDS,
    fragmentBytes: FRAGMENT_BYTES,
    replayWindow: REPLAY_WINDOW,
    forceEncapsulation: !listeners.some(({ service }) => service === 'esp'),
  }
}

/** All that the certificate calls us: what a person typed into a client as the gateway's name. */
function certificateNames([leaf]: readonly Uint8Array[]): Identification[] {
  const names = leaf ? describeCertificate(leaf).subjectAltNames : []
  return names.flatMap(({ type, value }) => {
    if (type === 'dns') return nameIdentification(value)
    const address = type === 'ip' ? parseIpAddress(value) : undefined
    return address ? addressIdentification(address) : []
  })
}
