#!/usr/bin/env node
// npm run bench -- NAME [--json] [--quick] [--rounds N]: one bench of bench/ against its peer, in one run.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [name, ...rest] = process.argv.slice(2)
const benches = readdirSync(`${root}/bench`).filter(entry => existsSync(`${root}/bench/${entry}/bench.ts`))

if (name === undefined || !benches.includes(name)) {
  console.error(
    `usage: npm run bench -- NAME [--json] [--quick] [--rounds N]; there are: ${benches.join(', ')}`,
  )
  process.exit(2)
}
if (process.getuid?.() !== 0) {
  console.error('bench: network namespaces need root; run it with sudo')
  process.exit(1)
}
const loader = ['--conditions=@causeway/source', '--import', 'tsx']
const done = spawnSync(process.execPath, [...loader, `bench/${name}/bench.ts`, ...rest], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(done.status ?? 1)
