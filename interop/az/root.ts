import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withFileLock } from '../harness/file-lock.ts'
import { runOk } from '../harness/shell.ts'

/** The root is built once and kept here, out of the repository's sight: 80 MB to fetch, 1 GB unpacked. */
const CACHE: string = fileURLToPath(new URL('../../.cache/az', import.meta.url))

/** Debian's az that works as it is: bookworm's (2.45) ends in every command of `az network` before it asks anything. */
const SUITE = 'trixie'
const PACKAGES = ['azure-cli', 'ca-certificates'] as const
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** From us: a slow mirror may need this long. */
const FETCH_LIMIT_MS = 600_000

/** What another way to build the root must change, beside the names above. */
const LAYOUT = 'unpacked 2'
const MARKER = '.az-packages'
const WANTED: string = [LAYOUT, SUITE, ...PACKAGES].join('\n')

/**
 * The root directory in which az runs by chroot; it is built first when it is missing or was built from other packages
 * (20 seconds with a near mirror). One builds while others wait. Errors: what is missing, or apt's own words.
 */
export async function azRoot(): Promise<string> {
  const root = join(CACHE, 'root')
  await withFileLock(join(CACHE, 'root.lock'), async () => {
    if (!isCurrent(root)) await replaceRoot(root)
  })
  return root
}

/** What az finds as `/mnt`: its home, in which a file `hosts` is its `/etc/hosts`. */
export const AZ_HOME = '/mnt'

/** The CAs that az believes, in its home. */
export const AZ_CA = 'ca.pem'

/** All that az has of its surroundings: nothing of the machine's own Python, proxies or clouds. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: AZ_HOME,
  TMPDIR: AZ_HOME,
  LC_ALL: 'C.UTF-8',
  AZURE_CONFIG_DIR: `${AZ_HOME}/.azure`,
  AZURE_CORE_COLLECT_TELEMETRY: '0',
  PYTHONWARNINGS: 'ignore',
  REQUESTS_CA_BUNDLE: `${AZ_HOME}/${AZ_CA}`,
}

/** The mounts are in a mount namespace of the command's own: they go with it, however it ends. */
const ENTER = `set -e
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount --bind "$1" "$0${AZ_HOME}"
if [ -f "$1/hosts" ]; then mount --bind "$1/hosts" "$0/etc/hosts"; fi
shift
exec chroot "$0" /usr/bin/python3 /usr/bin/az "$@"`

/** The command line that runs az in the root, with a directory as its home. */
export function azCommand(root: string, home: string, args: readonly string[]): readonly string[] {
  const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`)
  return ['unshare', '--mount', 'env', '-i', ...environment, 'sh', '-c', ENTER, root, home, ...args]
}

function isCurrent(root: string): boolean {
  const marker = join(root, MARKER)
  return existsSync(marker) && readFileSync(marker, 'utf8') === WANTED
}

async function replaceRoot(root: string): Promise<void> {
  if (!existsSync(KEYRING)) throw new Error(`az needs ${KEYRING}: apt-get install debian-archive-keyring`)
  const fresh = join(CACHE, `root.${process.pid}`)
  const apt = join(CACHE, `apt.${process.pid}`)
  try {
    await unpack(await fetchPackages(apt, await debianMirror()), fresh)
    await finish(fresh)
    rmSync(root, { recursive: true, force: true })
    await rename(fresh, root)
  } catch (cause) {
    const words = String((cause as Error).message).slice(-2_000)
    throw new Error(`az could not be had from Debian ${SUITE}:\n${words}`, { cause })
  } finally {
    rmSync(apt, { recursive: true, force: true })
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Where this machine has its Debian from; a mirror has every suite. Errors: its apt has none. */
async function debianMirror(): Promise<string> {
  const known = await listedMirror()
  if (known !== undefined) return known
  // Images of machines often come without package lists.
  await runOk('apt-get', ['-qq', 'update'], { timeoutMs: FETCH_LIMIT_MS })
  const mirror = await listedMirror()
  if (mirror === undefined) throw new Error("no mirror of Debian is among the sources of this machine's apt")
  return mirror
}

async function listedMirror(): Promise<string | undefined> {
  const wanted = ['Created-By: Packages', 'Origin: Debian', 'Label: Debian', 'Component: main']
  const listed = await runOk('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...wanted])
  return listed.split('\n').find(line => line !== '')
}

/** By an apt that knows nothing of this machine's packages. Returns the files, with all that the packages need. */
async function fetchPackages(apt: string, mirror: string): Promise<readonly string[]> {
  const archives = join(apt, 'cache', 'archives')
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'etc/preferences.d', 'etc/parts'])
    mkdirSync(join(apt, directory), { recursive: true })
  writeFileSync(join(apt, 'status'), '')
  writeFileSync(join(apt, 'etc', 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`)
  const settings = [
    `Dir::State=${join(apt, 'state')}`,
    `Dir::State::status=${join(apt, 'status')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    `Dir::Etc=${join(apt, 'etc')}`,
    'Dir::Etc::SourceParts=parts',
    'APT::Install-Recommends=false',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ]
  const line = ['-qq', ...settings.flatMap(setting => ['-o', setting])]
  await runOk('apt-get', [...line, 'update'], { timeoutMs: FETCH_LIMIT_MS })
  await runOk('apt-get', [...line, '-y', '--download-only', 'install', ...PACKAGES], {
    timeoutMs: FETCH_LIMIT_MS,
  })
  return readdirSync(archives)
    .filter(name => name.endsWith('.deb'))
    .map(name => join(archives, name))
}

/** No package is configured: az is Python, and nothing in the root is a service. */
async function unpack(packages: readonly string[], root: string): Promise<void> {
  for (const directory of [
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'proc',
    'dev',
    'mnt',
    'tmp',
    'etc/ssl/certs',
  ])
    mkdirSync(join(root, directory), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))
  const left = ['doc', 'man', 'locale'].map(name => `--exclude=./usr/share/${name}/*`).join(' ')
  const each = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$0" --keep-directory-symlink ${left}`
  for (const file of packages) await runOk('bash', ['-o', 'pipefail', '-c', each, root, file])
}

/** What the packages' own scripts would make, and the index of az's commands, which takes it seconds. */
async function finish(root: string): Promise<void> {
  const certificates =
    'find "$0/usr/share/ca-certificates" -name "*.crt" -exec cat {} + > "$0/etc/ssl/certs/ca-certificates.crt"'
  await runOk('sh', ['-c', certificates, root])
  writeFileSync(join(root, 'etc', 'hosts'), '')
  const home = join(root, 'root')
  mkdirSync(home)
  const [command = '', ...args] = azCommand(root, home, ['version'])
  await runOk(command, args)
  writeFileSync(join(root, MARKER), WANTED)
}
