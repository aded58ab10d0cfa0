import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'corpus')

/** One committed input. */
export interface CorpusEntry {
  readonly file: string
  readonly input: Uint8Array
}

/** The committed inputs of a target, by file name. */
export function readCorpus(target: string): CorpusEntry[] {
  const folder = join(FOLDER, target)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map(file => ({ file, input: Uint8Array.from(readFileSync(join(folder, file))) }))
}

/** The targets that have inputs. */
export function corpusTargets(): string[] {
  return existsSync(FOLDER) ? readdirSync(FOLDER).sort() : []
}

/** Keeps an input that failed, named by its hash, and gives its path. */
export function saveFailure(target: string, input: Uint8Array): string {
  const folder = join(FOLDER, target)
  mkdirSync(folder, { recursive: true })
  const name = createHash('sha256').update(input).digest('hex').slice(0, 16)
  const file = join(folder, `failed-${name}`)
  writeFileSync(file, input)
  return file
}
