import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AddedPrincipal, AddedPrincipalSecret, PrincipalView } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { causewayCommand } from '../harness/causeway.ts'
import { inNamespace } from '../harness/namespace.ts'
import { type RunningProcess, start } from '../harness/process.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { type Finished, run } from '../harness/shell.ts'
import { createTopology, type Topology } from '../harness/topology.ts'

// The operator gives programs access to the management API and takes it away, and applies resources and templates.

let topology: Topology
let gateway: RunningProcess
const data = join(scratchDirectory('d'), 'data')

beforeAll(async () => {
  topology = await createTopology(0)
  const line = causewayCommand(undefined, [
    'up',
    '--data',
    data,
    '--gateway',
    'none',
    '--api-host',
    '127.0.0.1',
  ])
  gateway = start(line[0] as string, line.slice(1), { namespace: topology.gateway, title: 'causeway up' })
  await gateway.waitFor(/^ready$/, 30_000)
})

afterAll(async () => {
  await gateway?.stop('SIGTERM')
  await topology?.close()
})

test('a principal signs in with what was printed, each of its secrets, until it is removed', async () => {
  const first = await json<AddedPrincipal>('add', 'ci', '--role', 'network contributor')
  const subscription = /^\/subscriptions\/[0-9a-f-]{36}$/
  expect(first).toMatchObject({ role: 'Network Contributor', scope: expect.stringMatching(subscription) })
  const second = await json<AddedPrincipalSecret>('secret', 'ci', '--days', '1')
  expect([await tokenWith(first), await tokenWith(second)]).toEqual(['Bearer', 'Bearer'])

  const { principals } = await json<{ principals: PrincipalView[] }>('list')
  expect(principals.find(({ name }) => name === 'ci')?.secrets).toHaveLength(2)
  expect(JSON.stringify(principals)).not.toContain(first.secret)

  await json('remove', 'ci')
  expect(await tokenWith(second)).toBe('unauthorized_client')
  expect(gateway.log()).not.toContain(first.secret)
})

test('a role that is not there makes no principal', async () => {
  const done = await principal('add', 'ci', '--role', 'Boss')
  expect([done.code, done.stderr]).toEqual([
    2,
    expect.stringContaining("there is no role 'Boss'; use one of Owner"),
  ])
  expect((await principal('list')).stdout).not.toMatch(/^ci /m)
})

test('the last Owner stays', async () => {
  const done = await principal('remove', 'administrator')
  expect([done.code, done.stderr]).toEqual([1, expect.stringContaining("last Owner at '/'")])
})

test('resources of one file are made in their order, and again without harm', async () => {
  const path = written(
    'two.yaml',
    `type: Microsoft.Network/virtualNetworks
name: net
location: local
properties: { addressSpace: { addressPrefixes: [10.9.0.0/16] } }
---
type: Microsoft.Network/publicIPAddresses
name: ip1
location: local
properties: { publicIPAllocationMethod: Static }
`,
  )
  for (const _ of [1, 2]) {
    const done = await causeway('apply', path)
    expect(done.stderr.trim().split('\n')).toEqual([
      'Microsoft.Network/virtualNetworks/net: Running',
      'Microsoft.Network/virtualNetworks/net: Succeeded',
      'Microsoft.Network/publicIPAddresses/ip1: Running',
      'Microsoft.Network/publicIPAddresses/ip1: Succeeded',
    ])
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringMatching(/ in causeway: Succeeded, 2 resources\n$/),
    ])
  }
})

test('a template gets its parameters, and answers its outputs', async () => {
  const id = "[resourceId('Microsoft.Network/publicIPAddresses', parameters('name'))]"
  const address = {
    type: 'Microsoft.Network/publicIPAddresses',
    apiVersion: '2024-05-01',
    name: "[parameters('name')]",
    location: 'local',
    properties: { publicIPAllocationMethod: 'Static' },
  }
  const template = {
    contentVersion: '1.0.0.0',
    parameters: { name: { type: 'string' } },
    resources: [address],
    outputs: { id: { type: 'string', value: id } },
  }
  const path = written('template.json', JSON.stringify(template))
  const done = await causeway('apply', path, '--parameters', written('values.yaml', 'name: ip9'), '--json')
  expect(done.code, done.stderr).toBe(0)
  expect(JSON.parse(done.stdout)).toMatchObject({
    state: 'Succeeded',
    outputs: { id: { value: expect.stringMatching(/resourceGroups\/causeway\/.*\/ip9$/) } },
  })
  const without = await causeway('apply', path)
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('parameters.name')])
})

function written(name: string, text: string): string {
  const path = join(scratchDirectory('t'), name)
  writeFileSync(path, text)
  return path
}

function principal(...args: string[]): Promise<Finished> {
  return causeway('principal', ...args)
}

function causeway(...args: string[]): Promise<Finished> {
  const line = causewayCommand(topology.gateway, [...args, '--data', data])
  return run(line[0] as string, line.slice(1), { timeoutMs: 30_000 })
}

async function json<Result>(...args: string[]): Promise<Result> {
  const done = await principal(...args, '--json')
  expect(done.code, done.stderr).toBe(0)
  return JSON.parse(done.stdout) as Result
}

/** The type of the token that the API gives for a secret, or its error. */
async function tokenWith({ tenantId, clientId, secret }: AddedPrincipalSecret): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope: 'https://management.azure.com/.default',
  }
  const fields = Object.entries(form).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`])
  const url = `https://127.0.0.1:8443/${tenantId}/oauth2/v2.0/token`
  const args = ['--silent', '--cacert', join(data, 'ca.pem'), ...fields, url]
  const line = inNamespace(topology.gateway, 'curl', args)
  const done = await run(line[0] as string, line.slice(1), { timeoutMs: 30_000 })
  const answer = JSON.parse(done.stdout) as { readonly token_type?: string; readonly error?: string }
  return answer.token_type ?? answer.error ?? 'nothing'
}
