// npm start: build what is needed, then `causeway up` with the quick-start configuration.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './setup/build.mjs'
import { prepare } from './setup/prepare.mjs'

prepare('gateway')

const main = join(ROOT, 'packages', 'cli', 'dist', 'main.js')
const child = spawn(process.execPath, [main, 'up', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
