import type { TlsContext } from '@causeway/control-tls'
import type { CryptoPort } from '@causeway/crypto'
import type { EapAuthenticatorMethodName } from '@causeway/eap'
import type { Credentials, MethodName, PeerPlace } from '../authentication/identity.ts'
import type { Admission, Admitted } from '../session/admission.ts'
import type { RelayedVerdict, SignInRelay } from './sign-in-relay.ts'

/** How clients of one tunnel type sign in by EAP; what may change is asked for anew for each conversation. */
export interface EapAccess {
  readonly crypto: Pick<CryptoPort, 'random'>
  readonly tlsContext: () => TlsContext
  readonly methods: () => readonly EapAuthenticatorMethodName[]
  /** The server to which `pass-through` leads. */
  readonly relay: (place: PeerPlace) => SignInRelay | undefined
}

/** What a conversation has proven: a certificate, of which the policy decides, or what another server decided. */
export type EapProof =
  | { readonly type: 'certificate'; readonly peerChain: readonly Uint8Array[] }
  | { readonly type: 'relayed'; readonly relayed: RelayedVerdict }

/** Another authenticator is always a RADIUS server. */
const RELAYED: MethodName = 'radius'

/** The door for a peer that has proven something, or brought a chain outside of EAP. */
export async function admitProven(
  admission: Admission,
  place: PeerPlace,
  proof: EapProof | undefined,
  device: string,
): Promise<{ readonly admitted: Admitted; readonly credentials: Credentials }> {
  if (proof?.type !== 'relayed') {
    const credentials = certificateCredentials(place, proof?.peerChain ?? [])
    return { admitted: await admission.admit(credentials, device), credentials }
  }
  const { verdict } = proof.relayed
  const username = verdict.type === 'allow' ? verdict.identity.user : undefined
  const credentials = { ...place, peerChain: [], username, password: undefined, provenBy: RELAYED }
  return { admitted: admission.enter(credentials, verdict, device), credentials }
}

export function certificateCredentials(place: PeerPlace, peerChain: readonly Uint8Array[]): Credentials {
  return { ...place, peerChain, username: undefined, password: undefined }
}
