import { readFileSync } from 'node:fs'
import type { Credential } from './certificates.ts'

/** Changes to an .ovpn profile, applied in this order: `drop`, then `blocks`, then `add`. */
export interface ProfileEdit {
  /** Directives and inline blocks to take out, by name. */
  readonly drop?: readonly string[]
  /** Inline blocks to put in the place of those of the same name. */
  readonly blocks?: Readonly<Record<string, string>>
  /** Lines to add. */
  readonly add?: readonly string[]
}

const BLOCK = /^<([\w-]+)>\n[\s\S]*?^<\/\1>\n?/gm

/** Works on the text alone, as a user with an editor would. */
export function editProfile(text: string, edit: ProfileEdit): string {
  const gone = new Set([...(edit.drop ?? []), ...Object.keys(edit.blocks ?? {})])
  const kept = text
    .replaceAll('\r\n', '\n')
    .replace(BLOCK, (block, name: string) => (gone.has(name) ? '' : block))
    .split('\n')
    .filter(line => !gone.has(line.trim().split(/\s+/)[0] ?? ''))
  const blocks = Object.entries(edit.blocks ?? {}).map(([name, body]) => formatBlock(name, body))
  return `${[...kept, ...(edit.add ?? []), ...blocks].join('\n').trimEnd()}\n`
}

/** The edit that makes a profile sign in with another certificate. */
export function withCredential(credential: Credential): ProfileEdit {
  return {
    blocks: {
      cert: readFileSync(credential.certificatePath, 'utf8'),
      key: readFileSync(credential.keyPath, 'utf8'),
    },
  }
}

/** The edit that reaches a gateway at one address over one transport (`udp`, `tcp6`, …), whatever the profile says. */
export function reaching(address: string, protocol: string): ProfileEdit {
  return { drop: ['proto', 'remote', 'connection'], add: [`remote ${address} 443 ${protocol}`] }
}

/** Several edits as one. */
export function combine(...edits: readonly ProfileEdit[]): ProfileEdit {
  return {
    drop: edits.flatMap(edit => edit.drop ?? []),
    add: edits.flatMap(edit => edit.add ?? []),
    blocks: Object.assign({}, ...edits.map(edit => edit.blocks ?? {})) as Record<string, string>,
  }
}

/** An inline block's body, or undefined where the profile has none. */
export function profileBlock(text: string, name: string): string | undefined {
  return new RegExp(`^<${name}>\\r?\\n([\\s\\S]*?)^</${name}>`, 'm').exec(text)?.[1]
}

export function formatBlock(name: string, body: string): string {
  return `<${name}>\n${body.trimEnd()}\n</${name}>`
}
