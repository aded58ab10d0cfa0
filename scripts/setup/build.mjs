import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must, say } from './run.mjs'
import { NODE_PREFIX } from './system-packages.mjs'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Packages with a native addon (a binding.gyp). */
const NATIVE_PACKAGES = ['crypto-node', 'x509', 'control-tls', 'datapath']
/** Headers of one addon that another is built with. */
const SHARED_HEADERS = { datapath: ['control-tls/native/released_tls.h'] }

/** What a build leaves when it is done: of which sources, and for which Node. */
const STAMP = '.causeway-built'

/**
 * `npm ci`, when the lockfile is not the one that was installed last. Only the registry is asked: no package's script
 * runs (`.npmrc` says so too), for that would fetch binaries from elsewhere.
 */
export function installDependencies() {
  const lock = hash([join(ROOT, 'package-lock.json')])
  const stamp = join(ROOT, 'node_modules', '.causeway-lock')
  if (readStamp(stamp) === lock) return
  say('installing dependencies')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  must('installing dependencies', 'npm', args, { cwd: ROOT })
  writeFileSync(stamp, lock)
}

/** Builds each addon whose sources, or Node, changed since its last build. */
export function buildNative() {
  buildSqlite()
  for (const name of NATIVE_PACKAGES) {
    const directory = join(ROOT, 'packages', name)
    const shared = (SHARED_HEADERS[name] ?? []).map(header => join(ROOT, 'packages', header))
    const sources = [join(directory, 'binding.gyp'), ...filesBelow(join(directory, 'native')), ...shared]
    const stamp = join(directory, 'build', STAMP)
    buildOnce(`the native part of ${name}`, sources, stamp, () => rebuild(name, directory))
  }
}

/**
 * SQLite, from the sources that lie in better-sqlite3: a script of its own would fetch a binary from elsewhere. The
 * result is kept beside the store, so that an `npm ci` for whatever reason does not cost the minute again.
 */
function buildSqlite() {
  const directory = join(ROOT, 'node_modules', 'better-sqlite3')
  const built = join(directory, 'build', 'Release', 'better_sqlite3.node')
  const kept = join(ROOT, 'packages', 'store', 'build')
  const sources = ['binding.gyp', 'package.json'].map(name => join(directory, name))
  sources.push(...filesBelow(join(directory, 'deps')), ...filesBelow(join(directory, 'src')))
  buildOnce('SQLite (about a minute)', sources, join(kept, STAMP), () => {
    // Warnings about somebody else's code are of no use to who reads this.
    rebuild('better-sqlite3', directory, { ...process.env, CXXFLAGS: '-w' })
    mkdirSync(kept, { recursive: true })
    // A process that has the former one loaded keeps it: it is replaced, not written over.
    copyFileSync(built, join(kept, `${basename(built)}.new`))
    renameSync(join(kept, `${basename(built)}.new`), join(kept, basename(built)))
    rmSync(join(directory, 'build'), { recursive: true })
  })
}

function buildOnce(what, sources, stamp, build) {
  const wanted = `${hash(sources)} ${process.version} ${process.arch}`
  if (readStamp(stamp) === wanted) return
  say(`building ${what}`)
  build()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

function rebuild(name, directory, env = process.env) {
  const args = [nodeGyp(), 'rebuild', '--release', '--loglevel=error', ...headers(), '-C', directory]
  must(`building ${name}`, process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], env })
}

/** Compiles TypeScript; does nothing when all is current. */
export function buildTypeScript() {
  must('compiling', process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
    cwd: ROOT,
  })
  // The command line's entry, so that `npx causeway` can start it.
  chmodSync(join(ROOT, 'packages', 'cli', 'dist', 'main.js'), 0o755)
}

function nodeGyp() {
  return join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js')
}

/** The headers that came with this Node; without them node-gyp fetches its own. */
function headers() {
  return existsSync(join(NODE_PREFIX, 'include', 'node', 'node_api.h')) ? [`--nodedir=${NODE_PREFIX}`] : []
}

function filesBelow(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function hash(files) {
  const digest = createHash('sha256')
  for (const file of files) digest.update(file).update('\0').update(readFileSync(file))
  return digest.digest('hex')
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
