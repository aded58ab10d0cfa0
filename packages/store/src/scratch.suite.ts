import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory of its own for one test. */
export async function scratch(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-store-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
