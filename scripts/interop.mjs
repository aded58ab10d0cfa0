#!/usr/bin/env node
// npm run interop -- NAME: one folder of interop/ (openvpn, cli, …), or all of them without a name.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [name, ...rest] = process.argv.slice(2)
const folders = readdirSync(`${root}/interop`, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && !['harness', 'guest'].includes(entry.name))
  .map(entry => entry.name)

if (name !== undefined && !existsSync(`${root}/interop/${name.split('/')[0]}`)) {
  console.error(`interop: no folder ${name}; there are: ${folders.join(', ')}`)
  process.exit(2)
}
if (process.getuid?.() !== 0) {
  console.error('interop: network namespaces need root; run it with sudo')
  process.exit(1)
}
// The slash keeps `az` from being `azure-sdk` as well.
const filter = name === undefined ? [] : [`interop/${name}${name.includes('/') ? '' : '/'}`]
const args = ['vitest', 'run', '--project', 'interop', ...filter, ...rest]
const done = spawnSync('npx', args, { cwd: root, stdio: 'inherit' })
process.exit(done.status ?? 1)
