import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { causewayCommand } from '../harness/causeway.ts'
import { start } from '../harness/process.ts'
import { writeDocument } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { type Finished, run, runOk } from '../harness/shell.ts'
import { ADDRESSES, createTopology, type Topology } from '../harness/topology.ts'

// Bad input gets one clear line and exit 1 (cannot be done) or 2 (usage), and nothing is left half-written.

let topology: Topology

beforeAll(async () => {
  topology = await createTopology(0)
})

afterAll(() => topology?.close())

const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown option', ['up', '--lisen', '10.77.2.2'], /--lisen/],
  ['an unknown command', ['upp'], /upp/],
  ['a missing value', ['up', '--listen'], /--listen/],
  ['an address that is none', ['up', '--listen', '10.77.2.999'], /10\.77\.2\.999/],
  ['a prefix that is none', ['up', '--inside', '10.1.0.0/33'], /10\.1\.0\.0\/33/],
  ['a port that is none', ['up', '--api-port', '70000'], /70000/],
  ['a principal without a role', ['principal', 'add', 'ci'], /--role ROLE/],
  ['a role where no scope is', ['principal', 'add', 'ci', '--role', 'Reader', '--scope', 'rg'], /'rg'/],
  ['a client without a name', ['client', 'add'], /NAME|name/],
  [
    'a client whose name would leave the directory',
    ['client', 'add', '../../etc/x'],
    /\.\.\/\.\.\/etc\/x|name/,
  ],
]

test.each(usage)('%s is a usage mistake', async (_, args, named) => {
  const done = await causeway(args)
  expectOneLine(done, 2, named)
})

test('a pool that overlaps the inside network', async () => {
  const done = await up(['--inside', '10.1.0.0/24', '--pool', '10.1.0.128/25'])
  expectOneLine(done, [1, 2], /overlap/i)
  expect(done.stderr + done.stdout).toMatch(/10\.1\.0\./)
})

test('a broken certificate in the configuration', async () => {
  const broken = { name: 'broken', properties: { publicCertData: 'bm90IGEgY2VydGlmaWNhdGU=' } }
  const config = {
    properties: {
      sku: { name: 'VpnGw1' },
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: ['172.16.0.0/24'] },
        vpnClientProtocols: ['OpenVPN'],
        vpnAuthenticationTypes: ['Certificate'],
        vpnClientRootCertificates: [broken],
      },
    },
  }
  const done = await up(['--inside', '10.1.0.0/24', '--config', writeDocument(config)])
  expectOneLine(done, [1, 2], /broken/)
})

test('a configuration that is not JSON', async () => {
  const path = join(scratchDirectory('j'), 'gateway.json')
  writeFileSync(path, '{"properties":')
  const done = await up(['--inside', '10.1.0.0/24', '--config', path])
  expectOneLine(done, [1, 2], /gateway\.json/)
})

const documents: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'a key that stands twice',
    'twice.yaml',
    'nat: false\nnat: true',
    /line 2, column 1: a key stands there twice/,
  ],
  ['a tag', 'tag.yaml', 'nat: !!js/function "x"', /line 1, column 6: tags/],
  ['aliases that multiply', 'laughs.yaml', laughs(), /too many/],
  ['brackets that go too deep', 'deep.yaml', '['.repeat(100_000), /nested deeper/],
  ['a prototype', 'prototype.json', '{"__proto__": {"nat": false}}', /__proto__/],
  ['a resource without a name', 'nameless.yaml', 'type: Microsoft.Network/virtualNetworks', /has no name/],
  ['settings among resources', 'mixed.yaml', 'nat: false\n---\nnat: true', /document 1 has no type/],
]

test.each(documents)('a document with %s', async (_, name, text, named) => {
  const path = join(scratchDirectory('y'), name)
  writeFileSync(path, text)
  expectOneLine(await causeway(['apply', path]), 2, named)
})

test('a template for a gateway that does not run', async () => {
  const template = { contentVersion: '1.0.0.0', resources: [] }
  expectOneLine(await causeway(['apply', writeDocument(template)]), 1, /no data directory|no gateway runs/)
})

test.each(['tcp', 'udp'])('an occupied %s port', async protocol => {
  const options = protocol === 'udp' ? ',type=udp' : ''
  const holder = start(process.execPath, ['-e', occupy(protocol)], {
    namespace: topology.gateway,
    title: `holder${options}`,
  })
  await holder.waitFor(/held/)
  const done = await up(['--inside', '10.1.0.0/24'])
  expectOneLine(done, 1, /443/)
  expect(done.stderr).toMatch(/in use|occupied|EADDRINUSE|taken/i)
  await holder.stop()
})

test('a full disk: one line, and the next start with room works', async () => {
  const mount = join(scratchDirectory('f'), 'mnt')
  mkdirSync(mount)
  await runOk('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount])
  writeFileSync(join(mount, 'filler'), Buffer.alloc(60 * 1024))
  const done = await up(['--inside', '10.1.0.0/24'], mount)
  expectOneLine(done, 1, /space|ENOSPC|full/i)

  await runOk('mount', ['-o', 'remount,size=64m', mount])
  const line = upLine(['--inside', '10.1.0.0/24'], mount)
  const second = start(line[0] as string, line.slice(1), {
    namespace: topology.gateway,
    title: 'up with room',
  })
  await second.waitFor(/^ready$/, 30_000)
  await second.stop()
  await runOk('umount', [mount])
})

function causeway(args: readonly string[]): Promise<Finished> {
  const line = causewayCommand(topology.gateway, [...args, '--data', join(scratchDirectory('d'), 'data')])
  return run(line[0] as string, line.slice(1), { timeoutMs: 30_000 })
}

function upLine(args: readonly string[], data: string): string[] {
  return causewayCommand(undefined, ['up', '--listen', ADDRESSES.gateway, '--data', data, ...args])
}

function up(args: readonly string[], data: string = join(scratchDirectory('d'), 'data')): Promise<Finished> {
  const line = causewayCommand(topology.gateway, upLine(args, data).slice(2))
  return run(line[0] as string, line.slice(1), { timeoutMs: 30_000 })
}

/** The message: one line on standard error, the status, and no sign of a crash. */
function expectOneLine(done: Finished, status: number | readonly number[], named: RegExp): void {
  const all = done.stderr + done.stdout
  expect([status].flat(), all).toContain(done.code)
  expect(done.stderr.trim().split('\n'), all).toHaveLength(1)
  expect(done.stderr).toMatch(named)
  expect(done.stderr).not.toMatch(/^\s+at /m)
  expect(done.stdout).not.toMatch(/^ready$/m)
}

function laughs(): string {
  const lines = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`)
  return ['a0: &a0 [x]', ...lines].join('\n')
}

function occupy(protocol: string): string {
  return protocol === 'udp'
    ? "const s=require('node:dgram').createSocket('udp4');s.bind(443,'0.0.0.0',()=>console.log('held'))"
    : "require('node:net').createServer().listen(443,'0.0.0.0',()=>console.log('held'))"
}
