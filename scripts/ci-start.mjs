// Shows that `npm start` on this checkout comes to `ready` and ends cleanly on SIGTERM.
// It runs in a network namespace of its own, so that no port or address of the machine is touched.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './setup/build.mjs'
import { prepare } from './setup/prepare.mjs'
import { fail, say } from './setup/run.mjs'

const READY_SECONDS = 120

prepare('gateway')
const namespace = `cwci${process.pid}`
const data = mkdtempSync(join(tmpdir(), 'causeway-ci-'))
ip('netns', 'add', namespace)
ip('-n', namespace, 'link', 'set', 'lo', 'up')

const child = spawn(
  'ip',
  ['netns', 'exec', namespace, 'npm', 'start', '--', '--data', data, '--inside', '10.1.0.0/24'],
  {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const timer = setTimeout(() => end(`npm start was not ready within ${READY_SECONDS} s`), READY_SECONDS * 1000)
let text = ''
let ready = false
child.stdout.on('data', chunk => {
  process.stdout.write(chunk)
  text += chunk
  if (!ready && /^ready$/m.test(text)) {
    ready = true
    child.kill('SIGTERM')
  }
})
child.on('exit', code => {
  if (!ready) end(`npm start ended with ${code} before it was ready`)
  if (code !== 0) end(`npm start ended with ${code} after SIGTERM`)
  end()
})

function end(problem) {
  clearTimeout(timer)
  spawnSync('ip', ['netns', 'del', namespace])
  rmSync(data, { recursive: true, force: true })
  if (problem) fail(problem)
  say('npm start: ready, and a clean end')
  process.exit(0)
}

function ip(...args) {
  if (spawnSync('ip', args, { stdio: 'inherit' }).status !== 0) fail(`ip ${args.join(' ')} failed`)
}
