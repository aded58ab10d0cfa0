import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describeSystemError, errorNumber, replaceFile, StoreError } from '@causeway/store'
import { CommandError } from '../quick-start/index.ts'
import type { PackageFile } from './package-parts.ts'

const DIRECTORY_MODE = 0o700
/** The package holds a private key. */
const FILE_MODE = 0o600
const PROGRAM_MODE = 0o700

/** A package that is on the disk under another name: `publish` puts it in its place, or `discard` removes it. */
export interface StagedPackage {
  publish(): Promise<void>
  discard(): Promise<void>
}

/**
 * Writes a package beside `directory`, which must not exist or be empty, so that it appears there whole or not
 * at all. Errors: `CommandError` `Conflict` when there is something already, `HostFailure` when the disk refuses.
 */
export async function stagePackage(directory: string, files: readonly PackageFile[]): Promise<StagedPackage> {
  await refuseExisting(directory)
  const staging = join(dirname(directory), `.${basename(directory)}.${randomBytes(6).toString('hex')}.tmp`)
  const discard = (): Promise<void> => rm(staging, { recursive: true, force: true })
  try {
    for (const { path, content, executable } of files) {
      const target = join(staging, path)
      await mkdir(dirname(target), { recursive: true, mode: DIRECTORY_MODE })
      await replaceFile(target, content, executable === true ? PROGRAM_MODE : FILE_MODE)
    }
  } catch (error) {
    await discard()
    throw notWritten(directory, error)
  }
  return { publish: () => publish(staging, directory), discard }
}

async function publish(staging: string, directory: string): Promise<void> {
  try {
    await rename(staging, directory)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw notWritten(directory, error)
  }
}

async function refuseExisting(directory: string): Promise<void> {
  try {
    await stat(directory)
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return
    throw notWritten(directory, error)
  }
  throw new CommandError(
    'Conflict',
    `${directory} exists; nothing was overwritten, move it away or give another --out`,
  )
}

function notWritten(directory: string, error: unknown): CommandError {
  const problem = error instanceof StoreError ? describeSystemError(error.cause) : describeSystemError(error)
  return new CommandError(
    'HostFailure',
    `cannot write ${directory}: ${problem}; nothing was written, mend that and try again`,
  )
}
