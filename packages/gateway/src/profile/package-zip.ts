import { type Zippable, zipSync } from 'fflate'
import type { Prepared } from '../quick-start/index.ts'
import { gatewayPackage } from './gateway-package.ts'
import type { PackageFile } from './package-parts.ts'
import type { ProfilePackageRequest } from './package-request.ts'

/** Every file's time, the first that a zip can tell: else each package of the same gateway would be other bytes. */
const FIRST_YEAR = 1980
/** APPNOTE.TXT §4.4.2.2: modes mean something. */
const UNIX = 3
const FILE_MODE = 0o100644
const PROGRAM_MODE = 0o100755
const MODE_SHIFT = 0x1_0000

/** {@link gatewayPackage} as a zip; the same gateway and request give the same bytes. Errors: as that. */
export function packageZip(prepared: Prepared, request: ProfilePackageRequest): Uint8Array {
  return zipFiles(gatewayPackage(prepared, request))
}

/** Files as a zip, in their order. */
function zipFiles(files: readonly PackageFile[]): Uint8Array {
  // A zip has local time.
  const mtime = new Date(FIRST_YEAR, 0, 1)
  const entries = files.map(({ path, content, executable }): [string, Zippable[string]] => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const mode = executable === true ? PROGRAM_MODE : FILE_MODE
    return [path, [bytes, { mtime, os: UNIX, attrs: mode * MODE_SHIFT }]]
  })
  return zipSync(Object.fromEntries(entries))
}
