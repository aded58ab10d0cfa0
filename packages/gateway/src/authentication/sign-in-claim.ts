import { createHash } from 'node:crypto'
import type { IpAddress } from '@causeway/wire'
import type { Credentials, MethodName } from './identity.ts'
import { printableName } from './printable-name.ts'

/** Who somebody says to be, before anything of it is checked. */
export interface SignInClaim {
  readonly method: MethodName
  readonly source: IpAddress | undefined
  readonly subject: SignInSubject | undefined
}

/** What one may fail with again and again. */
export interface SignInSubject {
  /** - `name`: somebody's account. - `proof`: this very certificate or token; of whom it is only checking would tell. */
  readonly type: 'name' | 'proof'
  /** Equal for what is the same to most servers. */
  readonly key: string
  /** Of a name: equal for what is the same to servers that look at no domain, too. */
  readonly bareKey?: string
  /** For the log. */
  readonly label: string
}

/** The claim behind what a peer brought for this method. */
export function claimOf(
  method: MethodName,
  { remote, peerChain, username, password }: Credentials,
): SignInClaim {
  const source = remote?.address
  if (method === 'radius') return nameClaim(method, source, username ?? '')
  const proof = method === 'entra' ? password : peerChain[0]
  const subject = proof === undefined || proof.length === 0 ? undefined : proofSubject(method, proof)
  return { method, source, subject }
}

/** The claim of a peer that names itself: in EAP's Identity, or in MS-CHAPv2. */
export function nameClaim(method: MethodName, source: IpAddress | undefined, name: string): SignInClaim {
  if (isNobody(name)) return { method, source, subject: undefined }
  const folded = foldedName(name)
  const subject = {
    type: 'name',
    key: `name ${folded}`,
    bareKey: `name ${withoutDomain(folded) || folded}`,
    label: `user "${printableName(name)}"`,
  } as const
  return { method, source, subject }
}

/** RFC 2865 §5.1: a User-Name has no more octets. */
const NAME_CHARACTERS = 253

/** Equal for names that are one user's to most servers. */
export function foldedName(name: string): string {
  const folded = name.slice(0, NAME_CHARACTERS).normalize('NFKC').toLowerCase().trim()
  // One letter may have become 18.
  return folded.slice(0, NAME_CHARACTERS)
}

/** `DOMAIN\user` and `user@domain`: anybody can make up domains. */
function withoutDomain(name: string): string {
  const user = name.slice(name.lastIndexOf('\\') + 1)
  return user.includes('@') ? user.slice(0, user.lastIndexOf('@')) : user
}

/** RFC 7542 §2.4: PEAP and TTLS hide who it is; all who do so have the same name outside. */
export function isNobody(name: string): boolean {
  return /^(anonymous)?(@|$)/i.test(name.trim())
}

function proofSubject(method: 'certificate' | 'entra', proof: Uint8Array | string): SignInSubject {
  const digest = createHash('sha256').update(proof).digest('base64')
  const label = method === 'certificate' ? 'one certificate' : 'one token'
  return { type: 'proof', key: `proof ${digest}`, label }
}
