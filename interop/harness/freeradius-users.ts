/** Someone whom a server knows. Names, passwords and values are plain text without line ends. */
export interface RadiusUser {
  /** Without realm and domain; of a certificate its common name. */
  readonly name: string
  /** For PAP, MS-CHAPv2 and what goes through EAP; without one only a certificate lets in. */
  readonly password?: string
  /** After the password (by PAP) this is asked for too. */
  readonly secondFactor?: { readonly prompt: string; readonly code: string }
  /** Attributes of the accept by their dictionary names, octets as `0x…`; several of a name as a list. */
  readonly reply?: Readonly<Record<string, string | readonly string[]>>
}

/** Who may come in: the file that `authorize` reads. */
export function formatUsers(users: readonly RadiusUser[]): string {
  return users.map(formatUser).join('')
}

function formatUser({ name, password, secondFactor }: RadiusUser): string {
  const checks = [
    // Of EAP's methods the first that is asked for: pppd refuses the others without a word of this one.
    password === undefined ? 'EAP-Type := TLS' : `Cleartext-Password := ${quote(password)}`,
    ...(secondFactor === undefined
      ? []
      : [`Tmp-String-0 := ${quote(secondFactor.code)}`, `Tmp-String-2 := ${quote(secondFactor.prompt)}`]),
  ]
  return `${quote(name)} ${checks.join(', ')}\n\n`
}

/** What they are told: the file that `post-auth` reads. */
export function formatReplies(users: readonly RadiusUser[]): string {
  return users.map(formatReply).join('')
}

/** The name replaces the one that EAP has put there. */
function formatReply({ name, reply = {} }: RadiusUser): string {
  const items = Object.entries(reply).flatMap(([attribute, values]) =>
    [values].flat().map(value => `\t${attribute} ${attribute === 'User-Name' ? ':=' : '+='} ${quote(value)}`),
  )
  return `${quote(name)}\n${items.join(',\n')}\n\n`
}

/** Text as all of FreeRADIUS's files take it. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** What FreeRADIUS does not know of itself: Azure's attribute for a user's policy groups. */
export const DICTIONARY = [
  'BEGIN-VENDOR Microsoft',
  'ATTRIBUTE MS-Azure-Policy-ID 65 octets',
  'END-VENDOR Microsoft',
  '',
].join('\n')
