import { readFileSync } from 'node:fs'

/** The program's version, from the package beside the source and the build alike. */
export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return manifest.version
}
