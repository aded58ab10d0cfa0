// npm test: everything a contributor must see pass, from a fresh checkout.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './setup/build.mjs'
import { prepare } from './setup/prepare.mjs'
import { run, say } from './setup/run.mjs'

const REPORTS = join(ROOT, '.cache', 'reports')
/** Seconds of fuzzing, shared by all targets, in addition to the replay of their corpora. */
const FUZZ_SECONDS = 40

prepare('tests')
rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS, { recursive: true })

let passed = 0
let failed = 0

step('format', 'npm', ['run', '--silent', 'format'])
step('lint', 'npm', ['run', '--silent', 'lint'])
step('types', 'npm', ['run', '--silent', 'types'])
suite('unit')
step('native parts under sanitizers', 'bash', ['packages/datapath/native/tests/run.sh'])
step('fuzz', 'npm', ['run', '--silent', 'fuzz', '--', '--seconds', String(FUZZ_SECONDS)])
suite('sim')
suite('interop')

process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

function step(name, command, args) {
  say(`${name} …`)
  const started = Date.now()
  const status = run(command, args, { cwd: ROOT })
  say(`${name}: ${status === 0 ? 'ok' : `FAILED (exit ${status})`}, ${seconds(started)} s`)
  if (status === 0) passed++
  else failed++
}

/** One vitest project; its own counts are added, and a project that ran no test has failed. */
function suite(project) {
  say(`${project} tests …`)
  const started = Date.now()
  const report = join(REPORTS, `${project}.json`)
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    vitest,
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const status = run(process.execPath, args, { cwd: ROOT })
  const counts = readCounts(report)
  passed += counts.passed
  failed += counts.failed
  if (counts.failed === 0 && (status !== 0 || counts.passed === 0)) failed++
  say(
    `${project} tests: ${counts.passed} passed, ${counts.failed} failed, exit ${status}, ${seconds(started)} s`,
  )
}

function readCounts(report) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch (error) {
    say(`no report from vitest: ${error.message}`)
    return { passed: 0, failed: 1 }
  }
}

function seconds(started) {
  return ((Date.now() - started) / 1000).toFixed(1)
}
