import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The checkout's root directory. */
export const ROOT: string = join(import.meta.dirname, '..')

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** The TypeScript files below a folder of the checkout. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }))
}

const SPECIFIER =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|(?:^|[^.\w])import\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g

/** What a file imports, statically or not. */
export function importsOf(file: SourceFile): string[] {
  return [...file.text.matchAll(SPECIFIER)].map(match => (match[1] ?? match[2] ?? match[3]) as string)
}

/** Whether the file is compiled into the package, and not a test or a test's suite. */
export function isProduction(file: SourceFile): boolean {
  return !/\.(test|suite)\.ts$/.test(file.path)
}
