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
const END_SECONDS = 20

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
let timer = setTimeout(() => end(`npm start was not ready within ${READY_SECONDS} s`), READY_SECONDS * 1000)
let text = ''
let ready = false
child.stdout.on('data', chunk => {
  process.stdout.write(chunk)
  text += chunk
  if (!ready && /^ready$/m.test(text)) {
    ready = true
    clearTimeout(timer)
    timer = setTimeout(
      () => end(`npm start did not end within ${END_SECONDS} s of SIGTERM`),
      END_SECONDS * 1000,
    )
    child.kill('SIGTERM')
  }
})
// `close`, not `exit`: it waits for everyone who holds the output, so a process left behind is seen.
child.on('close', code => {
  if (!ready) end(`npm start ended with ${code} before it was ready`)
  if (code !== 0) end(`npm start ended with ${code} after SIGTERM`)
  end()
})

function end(problem) {
  clearTimeout(timer)
  if (problem) killLeftovers()
  spawnSync('ip', ['netns', 'del', namespace])
  rmSync(data, { recursive: true, force: true })
  if (problem) fail(problem)
  say('npm start: ready, and a clean end')
  process.exit(0)
}

/** Whoever still runs in the namespace. */
function killLeftovers() {
  const { stdout } = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
  for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
}

function ip(...args) {
  if (spawnSync('ip', args, { stdio: 'inherit' }).status !== 0) fail(`ip ${args.join(' ')} failed`)
}
