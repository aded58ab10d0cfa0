import type { Identification, OwnCredential, PeerTerms, RevisedTerms, SessionTerms } from '@causeway/ikev2'
import { addressIdentification } from '@causeway/ikev2'
import type { IpAddress, TrafficSelector } from '@causeway/wire'
import { FRAGMENT_BYTES, NAT_KEEPALIVE_SECONDS, REKEY_PACKETS, REPLAY_WINDOW } from '../ikev2/common-terms.ts'
import type { HeldCertificate } from './outbound-certificates.ts'
import type { SiteConnection, SiteTunnel } from './site-configuration.ts'

/** Ours: policy-based devices have one for each pair of prefixes, and two while one is rekeyed. */
const CHILD_SAS = 256
/** A rekey comes so long before the end, or a tenth of the lifetime where that is less. */
const REKEY_MARGIN_SECONDS = 540
const REKEY_MARGIN_SHARE = 0.1
/** A silent peer is asked for a sign of life so long before it is given up, or half the time where that is less. */
const QUESTION_SECONDS = 60
/** IKE's hard limits are a tenth above the soft ones: the lifetime that is configured is the hard one. */
const HARD_LIMIT_FACTOR = 1.1
const KILOBYTE = 1_024

/** What we are to the peer of a session: by what we prove it, and what we are called. */
export interface OwnPart {
  readonly own: OwnCredential
  readonly identification: Identification
  readonly otherIdentifications: readonly Identification[]
}

/**
 * @param certificate of the version that the connection's engine has named; absent with a shared key.
 * @param local our address on the path.
 */
export function ownPart(
  { authentication }: SiteConnection,
  certificate: HeldCertificate | undefined,
  tunnel: SiteTunnel | undefined,
  local: IpAddress,
): OwnPart | undefined {
  if (authentication.type === 'psk') {
    const known = tunnel?.publicAddress ?? local
    return {
      own: { type: 'psk', secret: authentication.secret },
      identification: addressIdentification(known),
      // A peer behind the same NAT, or one that was told the inner address, asks for that.
      otherIdentifications: [addressIdentification(local)],
    }
  }
  if (!certificate) return undefined
  const { chain, signer, identification, otherIdentifications } = certificate
  return {
    own: { type: 'certificate', chain, schemes: signer.schemes },
    identification,
    otherIdentifications,
  }
}

/** What a dial is about beside its connection. */
export interface DialTerms {
  readonly own: OwnPart
  /** The peer may forget what it has of us: there is nothing else. */
  readonly isOnly: boolean
  readonly authorityKeyHashes: readonly Uint8Array[]
}

/** Terms by which we begin a session. */
export function dialTerms(connection: SiteConnection, dial: DialTerms): PeerTerms {
  const { own, isOnly, authorityKeyHashes } = dial
  const [first] = connection.selectors
  return {
    label: connection.id,
    ikeSuites: connection.ikeSuites.initiator,
    espSuites: connection.espSuites.initiator,
    ...own,
    peer: peerProof(connection),
    authorityKeyHashes,
    local: first?.local ?? [],
    remote: first?.remote ?? [],
    initialContact: isOnly,
    childless: false,
    ...commonTimes(connection),
    fragmentBytes: FRAGMENT_BYTES,
    // Kernels join and split datagrams of UDP (GSO, GRO), and not those of ESP itself: it is half as fast.
    forceEncapsulation: true,
  }
}

/** What a session goes on by that a peer has begun, once it is known whose it is. */
export function grantTerms(connection: SiteConnection, own: OwnPart): SessionTerms {
  return {
    label: connection.id,
    ikeSuites: connection.ikeSuites.responder,
    espSuites: connection.espSuites.responder,
    ...own,
    peer: peerProof(connection),
    ...commonTimes(connection),
  }
}

/** What of a changed connection holds for a session that stays. */
export function revisedTerms(connection: SiteConnection, isInitiator: boolean): RevisedTerms {
  const { espSuites } = connection
  return { espSuites: isInitiator ? espSuites.initiator : espSuites.responder, ...childTimes(connection) }
}

function peerProof({ authentication }: SiteConnection): PeerTerms['peer'] {
  return authentication.type === 'psk'
    ? { certificate: false, eap: false, psk: authentication.secret }
    : { certificate: true, eap: false }
}

function commonTimes(connection: SiteConnection) {
  const { ikeLifetimeSeconds, dpdSeconds } = connection
  return {
    mobike: false,
    ikeRekeySeconds: rekeySeconds(ikeLifetimeSeconds),
    ikeLifetimeSeconds,
    ...childTimes(connection),
    childRekeyPackets: REKEY_PACKETS,
    rekeyWithoutGroup: false,
    reauthenticationSeconds: 0,
    livenessSeconds: Math.max(Math.ceil(dpdSeconds / 2), dpdSeconds - QUESTION_SECONDS),
    livenessTimeoutSeconds: dpdSeconds,
    natKeepaliveSeconds: NAT_KEEPALIVE_SECONDS,
    replayWindow: REPLAY_WINDOW,
    childSas: CHILD_SAS,
  } as const
}

function childTimes({ childLifetimeSeconds, childLifetimeKilobytes }: SiteConnection) {
  return {
    childRekeySeconds: rekeySeconds(childLifetimeSeconds),
    childLifetimeSeconds,
    childRekeyBytes: Math.floor((childLifetimeKilobytes * KILOBYTE) / HARD_LIMIT_FACTOR),
  }
}

function rekeySeconds(lifetimeSeconds: number): number {
  const margin = Math.min(REKEY_MARGIN_SECONDS, Math.ceil(lifetimeSeconds * REKEY_MARGIN_SHARE))
  return Math.max(0, lifetimeSeconds - margin)
}

/** All addresses: a site may have whatever it proposes. Where packets go is a matter of routes. */
export const ALL_SELECTORS: readonly TrafficSelector[] = ([4, 6] as const).map(family => ({
  protocol: 0,
  startPort: 0,
  endPort: 65_535,
  start: { family, bytes: new Uint8Array(family === 4 ? 4 : 16) },
  end: { family, bytes: new Uint8Array(family === 4 ? 4 : 16).fill(0xff) },
}))
