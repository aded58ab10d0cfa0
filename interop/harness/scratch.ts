import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedName } from './cleanup.ts'

/** A fresh directory that goes when the run ends. */
export function scratchDirectory(role = ''): string {
  return mkdtempSync(join(tmpdir(), `${ownedName(role)}-`))
}
