import type { TlsContext } from '@causeway/control-tls'
import type { CryptoPort } from '@causeway/crypto'
import type { EapAuthenticatorMethodName } from '@causeway/eap'
import type { Endpoint } from '@causeway/wire'
import type { Credentials, MethodName, TunnelType } from '../authentication/identity.ts'
import type { Admission, Admitted } from '../session/admission.ts'
import type { RelayedVerdict, SignInRelay } from './sign-in-relay.ts'

/** How clients of one tunnel type sign in by EAP; what may change is asked for anew for each conversation. */
export interface EapAccess {
  readonly crypto: Pick<CryptoPort, 'random'>
  readonly tlsContext: () => TlsContext
  readonly methods: () => readonly EapAuthenticatorMethodName[]
  /** The server to which `pass-through` leads. */
  readonly relay: (remote: Endpoint | undefined) => SignInRelay | undefined
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
  tunnel: TunnelType,
  proof: EapProof | undefined,
  remote: Endpoint | undefined,
  device: string,
): Promise<{ readonly admitted: Admitted; readonly credentials: Credentials }> {
  if (proof?.type !== 'relayed') {
    const credentials = certificateCredentials(tunnel, proof?.peerChain ?? [], remote)
    return { admitted: await admission.admit(credentials, device), credentials }
  }
  const admitted = admission.enter(tunnel, proof.relayed.verdict, device)
  const username = admitted.type === 'allow' ? admitted.identity.user : undefined
  return {
    admitted,
    credentials: { tunnel, peerChain: [], username, password: undefined, provenBy: RELAYED },
  }
}

export function certificateCredentials(
  tunnel: TunnelType,
  peerChain: readonly Uint8Array[],
  remote: Endpoint | undefined,
): Credentials {
  return { tunnel, peerChain, username: undefined, password: undefined, ...(remote && { remote }) }
}
