import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profiles } from '../harness/causeway.ts'
import { scratchDirectory } from '../harness/scratch.ts'

/** What `client add` has written for `sstpc`, with a user who calls herself `name` and types `password`. */
export function sstpProfile(
  { profiles }: { readonly profiles: Pick<Profiles, 'directory'> },
  name: string,
  password: string,
): string {
  const directory = join(scratchDirectory('t'), 'Sstpc')
  cpSync(join(profiles.directory, 'Sstpc'), directory, { recursive: true })
  const options = join(directory, 'options')
  const quoted = `"${name.replaceAll('\\', '\\\\')}"`
  writeFileSync(
    options,
    readFileSync(options, 'utf8').replace(/^name .*$/m, () => `name ${quoted}`),
  )
  const connect = join(directory, 'connect')
  renameSync(connect, join(directory, 'connect-by-password'))
  writeFileSync(join(directory, 'password'), `${password}\n`)
  const here = '$(dirname "$0")'
  writeFileSync(connect, `#!/bin/sh\nexec "${here}/connect-by-password" <"${here}/password"\n`, {
    mode: 0o755,
  })
  return directory
}
