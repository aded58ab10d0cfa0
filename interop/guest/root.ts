import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { copyFile, cp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withFileLock } from '../harness/file-lock.ts'
import { runOk } from '../harness/shell.ts'
import { GUEST_PACKAGES, HOST_FILES, HOST_PACKAGES } from './packages.ts'

/** The guest's root is built once and kept here, out of the repository's sight. */
export const GUEST_CACHE: string = fileURLToPath(new URL('../../.cache/guest', import.meta.url))

const INIT: string = fileURLToPath(new URL('./guest-init', import.meta.url))
const SHIM_SOURCE: string = fileURLToPath(new URL('./xstate-shim.cc', import.meta.url))

/** From us: a slow mirror may need this long for about 70 MB. */
const BUILD_LIMIT_MS = 600_000

/**
 * Returns the guest's root directory, and builds it first when it is missing or was built from another package list
 * (about a minute). Two test files may ask at once: one builds, since a root that is replaced takes the ground from
 * under the guests that run on it. Errors: one that names the missing tool or ends with debootstrap's own words.
 */
export async function guestRoot(): Promise<string> {
  const root = join(GUEST_CACHE, 'root')
  await withFileLock(join(GUEST_CACHE, 'root.lock'), async () => {
    if (!isCurrent(root)) await replaceRoot(root)
  })
  await refreshInit(root)
  return root
}

const MARKER = '.guest-packages'
const WANTED: string = [...GUEST_PACKAGES, ...Object.keys(HOST_FILES)].join('\n')

function isCurrent(root: string): boolean {
  const marker = join(root, MARKER)
  return existsSync(marker) && readFileSync(marker, 'utf8') === WANTED
}

async function replaceRoot(root: string): Promise<void> {
  requireHostTools()
  const fresh = join(GUEST_CACHE, `root.${process.pid}`)
  rmSync(fresh, { recursive: true, force: true })
  await bootstrap(fresh)
  writeFileSync(join(fresh, MARKER), WANTED)
  rmSync(root, { recursive: true, force: true })
  await rename(fresh, root)
}

async function bootstrap(target: string): Promise<void> {
  const release = osRelease()
  const args = ['--variant=minbase', `--include=${GUEST_PACKAGES.join(',')}`]
  if (release.get('ID') === 'ubuntu') args.push('--components=main,universe')
  const suite = release.get('VERSION_CODENAME') ?? 'stable'
  try {
    await runOk('debootstrap', [...args, suite, target, aptMirror()], { timeoutMs: BUILD_LIMIT_MS })
    for (const [from, to] of Object.entries(HOST_FILES)) {
      await cp(from, join(target, to), { recursive: true, verbatimSymlinks: true })
    }
    mkdirSync(join(target, 'job'), { recursive: true })
  } catch (cause) {
    rmSync(target, { recursive: true, force: true })
    const words = String((cause as Error).message)
    throw new Error(
      `the guest's root could not be built (${HOST_PACKAGES.join(', ')} and apt's mirror are needed):
${words.slice(-2_000)}`,
      { cause },
    )
  }
}

/** The library that linux.uml needs on a processor with AMX; see its source. */
export async function xstateShim(): Promise<string> {
  const library = join(GUEST_CACHE, 'xstate-shim.so')
  const isBuilt = existsSync(library) && statSync(library).mtimeMs > statSync(SHIM_SOURCE).mtimeMs
  if (!isBuilt) {
    const fresh = `${library}.${process.pid}`
    await runOk('g++', ['-O2', '-Wall', '-fPIC', '-shared', '-o', fresh, SHIM_SOURCE])
    await rename(fresh, library)
  }
  return library
}

/** Renamed into place: a guest that is booting meanwhile keeps the file that it has open. */
async function refreshInit(root: string): Promise<void> {
  const fresh = join(root, `guest-init.${process.pid}`)
  await copyFile(INIT, fresh)
  await rename(fresh, join(root, 'guest-init'))
}

function requireHostTools(): void {
  const tools = ['/usr/sbin/debootstrap', '/usr/bin/linux.uml', ...Object.keys(HOST_FILES)]
  const missing = tools.filter(tool => !existsSync(tool))
  if (missing.length === 0) return
  throw new Error(`the guest needs ${missing.join(', ')}: apt-get install ${HOST_PACKAGES.join(' ')}`)
}

function osRelease(): Map<string, string> {
  const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm)
  return new Map([...lines].map(match => [match[1] ?? '', match[2] ?? '']))
}

/** The mirror that this machine's own apt uses. */
function aptMirror(): string {
  const directory = '/etc/apt/sources.list.d'
  const files = existsSync(directory) ? readdirSync(directory).map(name => join(directory, name)) : []
  for (const file of [...files, '/etc/apt/sources.list'].filter(existsSync)) {
    const text = readFileSync(file, 'utf8')
    const found = /^URIs:\s*(\S+)/m.exec(text) ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(text)
    if (found?.[1]) return found[1]
  }
  throw new Error('no Debian mirror in /etc/apt: the guest is built from the same one as the machine')
}
