import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must, say } from './run.mjs'
import { NODE_PREFIX } from './system-packages.mjs'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Packages with a native addon (a binding.gyp). */
const NATIVE_PACKAGES = ['crypto-node', 'x509', 'control-tls', 'datapath']
/** Headers of one addon that another is built with. */
const SHARED_HEADERS = { datapath: ['control-tls/native/released_tls.h'] }

/** `npm ci`, when the lockfile is not the one that was installed last. */
export function installDependencies() {
  const lock = hash([join(ROOT, 'package-lock.json')])
  const stamp = join(ROOT, 'node_modules', '.causeway-lock')
  if (readStamp(stamp) === lock) return
  say('installing dependencies')
  must('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT })
  writeFileSync(stamp, lock)
}

/** Builds each addon whose sources, or Node, changed since its last build. */
export function buildNative() {
  for (const name of NATIVE_PACKAGES) {
    const directory = join(ROOT, 'packages', name)
    const shared = (SHARED_HEADERS[name] ?? []).map(header => join(ROOT, 'packages', header))
    const sources = [join(directory, 'binding.gyp'), ...filesBelow(join(directory, 'native')), ...shared]
    const wanted = `${hash(sources)} ${process.version} ${process.arch}`
    const stamp = join(directory, 'build', '.causeway-built')
    if (readStamp(stamp) === wanted) continue
    say(`building the native part of ${name}`)
    must(
      `building ${name}`,
      process.execPath,
      [nodeGyp(), 'rebuild', '--loglevel=error', ...headers(), '-C', directory],
      {
        cwd: ROOT,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, wanted)
  }
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
