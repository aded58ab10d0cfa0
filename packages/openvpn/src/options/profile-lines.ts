import { splitConfigWords } from './config-words.ts'
import type { ProfileFault } from './profile.ts'

/** Characters of one profile. Ours; profiles with a long chain take some tens of thousands. */
export const MAX_PROFILE_TEXT = 1_048_576
/** Characters of one line outside inline blocks. Ours; OpenVPN takes 256. */
export const MAX_PROFILE_LINE = 4096

/** One directive of a profile, or one inline block. */
export interface ProfileLine {
  /** Counted from 1: where the directive or the block's opening tag stands. */
  readonly line: number
  readonly name: string
  readonly values: readonly string[]
  /** What stands between the tags of an inline block. */
  readonly inline?: string
}

const OPEN_TAG = /^\s*<([A-Za-z0-9-]{1,64})>\s*$/

/** Cuts a profile to directives and inline blocks; comments and blank lines are left out. */
export function readProfileLines(text: string): ProfileLine[] | ProfileFault {
  if (text.length > MAX_PROFILE_TEXT) return profileFault(1, 'the profile is too long')
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const found: ProfileLine[] = []
  for (let at = 0; at < lines.length; at++) {
    const tag = OPEN_TAG.exec(lines[at] as string)?.[1]
    const read = tag === undefined ? readDirective(lines[at] as string, at + 1) : readBlock(lines, at, tag)
    if (read === undefined) continue
    if ('type' in read) return read
    found.push(read)
    if (read.inline !== undefined) at += 1 + lineCount(read.inline)
  }
  return found
}

/** A fault at a line. */
export function profileFault(line: number, reason: string): ProfileFault {
  return { type: 'profile-fault', line, reason }
}

function readDirective(text: string, line: number): ProfileLine | ProfileFault | undefined {
  if (text.length > MAX_PROFILE_LINE) return profileFault(line, 'the line is too long')
  if (/[^\P{Cc}\t\r]/u.test(text)) return profileFault(line, 'the line has control characters')
  const words = splitConfigWords(text)
  if (!words) return profileFault(line, 'a quote is not closed')
  const [name, ...values] = words
  if (name === undefined) return undefined
  // Some generators write options as on the command line.
  return { line, name: name.replace(/^--/, ''), values }
}

function readBlock(lines: readonly string[], start: number, tag: string): ProfileLine | ProfileFault {
  let end = start + 1
  while (end < lines.length && lines[end]?.trim() !== `</${tag}>`) end++
  if (end === lines.length) return profileFault(start + 1, `<${tag}> is not closed`)
  const body = lines.slice(start + 1, end)
  return { line: start + 1, name: tag, values: [], inline: body.map(line => `${line}\n`).join('') }
}

function lineCount(block: string): number {
  return block.split('\n').length - 1
}
