import type { KeyMethodMessage } from '../key-method/key-method-2.ts'
import { parsePeerInfo } from '../options/peer-info.ts'
import type { OpenVpnRequest } from '../output.ts'
import type { Path } from '../path.ts'
import type { KeyAgreement } from '../session/key-agreement.ts'

export interface AuthenticateInput {
  readonly path: Path
  readonly renegotiation: boolean
  readonly agreement: KeyAgreement
  /** The client's message, with its password. */
  readonly message: KeyMethodMessage
  readonly wrapMetadata: Uint8Array | undefined
}

/** The question to the outside whether a client may connect, or go on. */
export function authenticateRequest(input: AuthenticateInput): OpenVpnRequest {
  const { path, renegotiation, agreement, message, wrapMetadata } = input
  return {
    type: 'authenticate',
    path,
    renegotiation,
    peerChain: agreement.established.peerChain,
    tlsVersion: agreement.established.version,
    tlsCipher: agreement.established.cipher,
    username: message.username,
    password: message.password,
    peerInfo: parsePeerInfo(message.peerInfo ?? ''),
    wrapMetadata: wrapMetadata?.slice(),
  }
}
