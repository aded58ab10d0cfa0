import type { SignatureScheme } from '@causeway/crypto'
import type { TrafficSelector } from '@causeway/wire'
import type { Identification } from './identification.ts'
import type { EspSuite, IkeSuite } from './proposal/suite.ts'

/** How we prove who we are. */
export type OwnCredential =
  | {
      readonly type: 'certificate'
      /** DER, leaf first, as sent: whole, whether or not it was asked for. */
      readonly chain: readonly Uint8Array[]
      /**
       * What the key can do and may, in order of preference; the signature itself is a request. What peers without
       * RFC 7427 can check is only used when it stands here: RSA-PKCS1 with SHA1, and ECDSA as IEEE-P1363 with the
       * hash of its curve (RFC 4754: P-256 SHA256, P-384 SHA384, P-521 SHA512), no other.
       */
      readonly schemes: readonly SignatureScheme[]
    }
  /** At least 16 bytes is wise; never logged. */
  | { readonly type: 'psk'; readonly secret: Uint8Array }
  /** Initiator only: by an EAP method that runs outside. */
  | { readonly type: 'eap' }

/** How the peer may prove who it is. */
export interface PeerAuthentication {
  /** Digital signature with a certificate; judged outside by the request `authenticate`. */
  readonly certificate: boolean
  /** EAP: a peer that sends no AUTH payload. The conversation runs outside. Responder only. */
  readonly eap: boolean
  /**
   * Let in by EAP methods that leave no key (MSK): whoever runs the same method elsewhere with the same user can be
   * in the middle (RFC 7296 §2.16). Absent: no.
   */
  readonly eapWithoutKey?: boolean
  /** Known to whoever these terms are for. Empty: none, since everybody knows that one. */
  readonly psk?: Uint8Array
  /**
   * Responder: there are secrets by identity. Where the terms have no `psk`, the request `psk` asks for the one of the
   * peer, which then proves us too unless the grant has another credential.
   */
  readonly pskByIdentity?: boolean
}

/**
 * What is agreed on with a peer: the policy, the credentials, the times. A responder begins with those for the peer's
 * address or with common ones, and may change over to others by its grant, once it knows who that is; an initiator
 * gives one with `connect`. Times in seconds.
 */
export interface PeerTerms {
  /** Ours: the outside's name for them. Every question about the peer carries it. */
  readonly label?: string
  /** In order of preference. Nothing outside is ever agreed on. */
  readonly ikeSuites: readonly IkeSuite[]
  readonly espSuites: readonly EspSuite[]
  readonly own: OwnCredential
  readonly identification: Identification
  /**
   * Responder: further names that our certificate holds. An initiator that asks for one of them by IDr gets that
   * one: Apple's clients refuse a responder that calls itself otherwise than they were told.
   */
  readonly otherIdentifications?: readonly Identification[]
  /** Initiator: the IDr it sends. */
  readonly expectedIdentification?: Identification
  readonly peer: PeerAuthentication
  /** SHA-1 hashes of the trusted authorities' SubjectPublicKeyInfo, for CERTREQ (RFC 7296 §3.7). */
  readonly authorityKeyHashes: readonly Uint8Array[]
  /** Initiator: which addresses to ask for by configuration request. Absent: none. */
  readonly requestAddresses?: { readonly ipv4: boolean; readonly ipv6: boolean }
  /** Initiator: what to propose for the first Child SA. Ignored by a responder (the grant says it). */
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
  /** Say INITIAL_CONTACT: the peer may forget what it has of us (RFC 7296 §2.4). */
  readonly initialContact: boolean
  /** Establish without a Child SA (RFC 6023) where the peer can. */
  readonly childless: boolean
  readonly mobike: boolean
  /** Rekey the IKE SA after so long, with some jitter; 0: never by us. */
  readonly ikeRekeySeconds: number
  /** Delete the IKE SA after so long if nobody has rekeyed it; 0: never. */
  readonly ikeLifetimeSeconds: number
  /** Rekey a Child SA after so long, with some jitter; 0: never by us. */
  readonly childRekeySeconds: number
  /** Delete it after so long if nobody has rekeyed it; 0: never. */
  readonly childLifetimeSeconds: number
  /** Soft limits of a Child SA, bytes and packets; 0: none. The hard ones are a tenth more. */
  readonly childRekeyBytes: number
  readonly childRekeyPackets: number
  /** Offer Child rekeys without DH even where the first of `espSuites` has a group (macOS, iOS, Windows). */
  readonly rekeyWithoutGroup: boolean
  /** A full new IKE SA with authentication after so long (RFC 4478 as responder, by ourselves as initiator); 0: never. */
  readonly reauthenticationSeconds: number
  /** Ask for a sign of life after so long without one; 0: never. */
  readonly livenessSeconds: number
  /**
   * A peer that has given no sign of life for so long, and does not answer either, is gone. Absent: when it does not
   * answer to the end of retransmission. Only where `livenessSeconds` is set, and more than that is.
   */
  readonly livenessTimeoutSeconds?: number
  /** Initiator behind NAT: keepalive after so long (RFC 3948 §4); 0: never. */
  readonly natKeepaliveSeconds: number
  /** Largest IKE message in bytes with IP and UDP headers, before it is fragmented (RFC 7383); 576 to 1500. */
  readonly fragmentBytes: number
  /** Numbers of the replay window of ESP: 32 to 1024. */
  readonly replayWindow: number
  /** Child SAs of a session, those included that wait to be deleted after a rekey. Absent: `CHILD_SAS`. */
  readonly childSas?: number
  /** Send ESP in UDP even where there is no NAT. */
  readonly forceEncapsulation: boolean
}

/**
 * What a responder may settle anew once it knows who the peer is. What was agreed in IKE_SA_INIT stays: a suite that
 * `ikeSuites` does not have, or a proof that `peer` does not take, is refused.
 */
export type SessionTerms = Partial<
  Pick<
    PeerTerms,
    | 'label'
    | 'ikeSuites'
    | 'espSuites'
    | 'own'
    | 'identification'
    | 'otherIdentifications'
    | 'peer'
    | 'mobike'
    | 'ikeRekeySeconds'
    | 'ikeLifetimeSeconds'
    | 'childRekeySeconds'
    | 'childLifetimeSeconds'
    | 'childRekeyBytes'
    | 'childRekeyPackets'
    | 'rekeyWithoutGroup'
    | 'reauthenticationSeconds'
    | 'livenessSeconds'
    | 'livenessTimeoutSeconds'
    | 'natKeepaliveSeconds'
    | 'replayWindow'
    | 'childSas'
  >
>
