import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningProcess, start } from '../harness/process.ts'
import {
  type NetworkPlan,
  type Person,
  SDK_VERSIONS,
  type SdkVersion,
  type ServerPlace,
  type Step,
  type StepOutcome,
} from './network-plan.ts'

// @azure/arm-network, as it is on npm, of both generations, in a process of its own: it trusts the server's CA by
// NODE_EXTRA_CA_CERTS alone, and gets its tokens through @azure/identity.

const run = promisify(execFile)
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
const SERVER = fileURLToPath(new URL('./network-server-main.ts', import.meta.url))
const CLIENT = fileURLToPath(new URL('./network-client-main.ts', import.meta.url))

let directory: string
let server: RunningProcess
let place: ServerPlace

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-network-'))
  server = start(process.execPath, [...LOADER, SERVER, directory], { title: 'management API' })
  const { text } = await server.waitFor(/^ready /, 60_000)
  place = JSON.parse(text.slice('ready '.length)) as ServerPlace
})

afterAll(async () => {
  await server?.stop()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

async function runSdk(
  sdk: SdkVersion,
  steps: readonly Step[],
  person: Person = place.owner,
): Promise<readonly StepOutcome[]> {
  const { baseUrl, tenantId, subscriptionId } = place
  const plan: NetworkPlan = { sdk, place: { baseUrl, tenantId, subscriptionId }, person, steps }
  const { PATH = '', HOME = '' } = process.env
  const { stdout } = await run(process.execPath, [...LOADER, CLIENT, JSON.stringify(plan)], {
    env: { PATH, HOME, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') },
    timeout: 120_000,
  })
  return JSON.parse(/^outcomes (.*)$/m.exec(stdout)?.[1] ?? 'no outcomes') as StepOutcome[]
}

const LOCAL = 'localNetworkGateways'
const gateway = (changes: object = {}) => ({
  location: 'local',
  gatewayIpAddress: '203.0.113.1',
  localNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16'] },
  ...changes,
})

const refusal = (status: number, code: string, more: object = {}) => ({
  type: 'error',
  status,
  code,
  ...more,
})

describe.each(SDK_VERSIONS)('@azure/arm-network %s', sdk => {
  const group = `rg${sdk}`
  const path = [group, 'lng']

  beforeAll(async () => {
    const steps: Step[] = [{ do: 'group', name: group, location: 'local' }]
    expect(await runSdk(sdk, steps)).toMatchObject([{ type: 'value' }])
  })

  it('creates, reads, updates, lists and deletes', async () => {
    const [made, read, listed, tagged, changed, removed, gone] = await runSdk(sdk, [
      { do: 'put', group: LOCAL, path, body: gateway() },
      { do: 'get', group: LOCAL, path },
      { do: 'list', group: LOCAL, path: [group] },
      { do: 'tags', group: LOCAL, path, tags: { team: 'one' } },
      { do: 'put', group: LOCAL, path, body: gateway({ gatewayIpAddress: '203.0.113.2' }) },
      { do: 'delete', group: LOCAL, path },
      { do: 'get', group: LOCAL, path },
    ])
    const value = {
      name: 'lng',
      type: 'Microsoft.Network/localNetworkGateways',
      location: 'local',
      gatewayIpAddress: '203.0.113.1',
      provisioningState: 'Succeeded',
    }
    expect(made).toMatchObject({ type: 'value', value })
    expect(read).toEqual(made)
    expect(listed).toMatchObject({ type: 'value', value: [value] })
    expect(tagged).toMatchObject({ type: 'value', value: { ...value, tags: { team: 'one' } } })
    expect(changed).toMatchObject({ type: 'value', value: { gatewayIpAddress: '203.0.113.2' } })
    expect(removed).toMatchObject({ type: 'value' })
    expect(gone).toMatchObject(refusal(404, 'ResourceNotFound'))
  })

  it('follows a list from page to page', async () => {
    const names = Array.from({ length: 5 }, (_, i) => `many-${i}`)
    const outcomes = await runSdk(sdk, [
      ...names.map((name): Step => ({ do: 'put', group: LOCAL, path: [group, name], body: gateway() })),
      { do: 'list', group: LOCAL, path: [group] },
      ...names.map((name): Step => ({ do: 'delete', group: LOCAL, path: [group, name] })),
    ])
    const [listed] = outcomes.slice(names.length)
    expect(listed).toMatchObject({ type: 'value', value: names.map(name => ({ name })) })
  })

  it('waits for what goes on after its request', async () => {
    const at = [group, 'address']
    const [made, removed, gone, failed] = await runSdk(sdk, [
      { do: 'put', group: 'publicIPAddresses', path: at, body: { location: 'local' } },
      { do: 'delete', group: 'publicIPAddresses', path: at },
      { do: 'get', group: 'publicIPAddresses', path: at },
      {
        do: 'put',
        group: 'publicIPAddresses',
        path: [group, 'bad'],
        body: { location: 'local', tags: { fails: '' } },
      },
    ])
    expect(made).toMatchObject({
      type: 'value',
      value: { provisioningState: 'Succeeded', ipAddress: '203.0.113.7' },
    })
    expect(removed).toMatchObject({ type: 'value' })
    expect(gone).toMatchObject(refusal(404, 'ResourceNotFound'))
    expect(failed).toMatchObject({
      type: 'error',
      message: expect.stringContaining('There is no such address'),
    })
  })

  it('gets what actions come to, at once or later', async () => {
    const gateways = 'virtualNetworkGateways'
    const at = [group, 'gw']
    const act = (name: string, body?: object, isLong = true): Step => ({
      do: 'action',
      group: gateways,
      name,
      isLong,
      path: at,
      ...(body && { body }),
    })
    const body = { location: 'local', gatewayType: 'Vpn', vpnType: 'RouteBased' }
    const [made, profile, disconnected, reset, devices, routes] = await runSdk(sdk, [
      { do: 'put', group: gateways, path: at, body },
      act('generateVpnProfile', { authenticationMethod: 'EAPTLS' }),
      act('disconnectVirtualNetworkGatewayVpnConnections', { vpnConnectionIds: ['OVPN_1'] }),
      act('reset'),
      act('supportedVpnDevices', undefined, false),
      act('getLearnedRoutes'),
    ])
    expect(made).toMatchObject({ type: 'value', value: { name: 'gw', provisioningState: 'Succeeded' } })
    const url = 'https://gateway.example/{"authenticationMethod":"EAPTLS"}'
    expect(JSON.stringify(profile)).toContain(JSON.stringify(url))
    expect(disconnected).toMatchObject({ type: 'value' })
    expect(reset).toMatchObject({ type: 'error', message: expect.stringContaining('is not running') })
    expect(JSON.stringify(devices)).toContain('<RpVpnDevices/>')
    expect(routes).toMatchObject({
      type: 'error',
      message: expect.stringContaining('not one that this gateway has'),
    })
  })

  it('has networks with subnets in them', async () => {
    const subnets = [{ name: 'a', addressPrefix: '10.0.0.0/24' }]
    const body = { location: 'local', addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets }
    const [network, subnet, listed] = await runSdk(sdk, [
      { do: 'put', group: 'virtualNetworks', path: [group, 'net'], body },
      { do: 'put', group: 'subnets', path: [group, 'net', 'b'], body: { addressPrefix: '10.0.1.0/24' } },
      { do: 'list', group: 'subnets', path: [group, 'net'] },
    ])
    expect(network).toMatchObject({ type: 'value', value: { subnets: [{ name: 'a' }] } })
    expect(subnet).toMatchObject({ type: 'value', value: { name: 'b', provisioningState: 'Succeeded' } })
    expect(listed).toMatchObject({ type: 'value', value: [{ name: 'a' }, { name: 'b' }] })
  })

  it('is told what is wrong, and where', async () => {
    const at = [group, 'wrong']
    const [address, place404, late] = await runSdk(sdk, [
      { do: 'put', group: LOCAL, path: at, body: gateway({ bgpSettings: { asn: -1 } }) },
      { do: 'put', group: LOCAL, path: ['nothing', 'lng'], body: gateway() },
      { do: 'put', group: LOCAL, path: at, body: gateway(), headers: { 'If-Match': 'W/"old"' } },
    ])
    const field = 'properties.bgpSettings.asn'
    const target = sdk === '36' ? { target: field } : {}
    const message = expect.stringContaining(`${field}: -1 is out of bounds`)
    expect(address).toMatchObject(refusal(400, 'InvalidParameter', { message, ...target }))
    expect(place404).toMatchObject(refusal(404, 'ResourceGroupNotFound'))
    expect(late).toMatchObject(refusal(412, 'PreconditionFailed'))
  })

  it('may not do what its role does not let it', async () => {
    const [listed, put] = await runSdk(
      sdk,
      [
        { do: 'list', group: LOCAL, path: [group] },
        { do: 'put', group: LOCAL, path, body: gateway() },
      ],
      place.reader,
    )
    expect(listed).toMatchObject({ type: 'value' })
    expect(put).toMatchObject(refusal(403, 'AuthorizationFailed'))
  })

  it('is nobody with a wrong token', async () => {
    const [told] = await runSdk(sdk, [{ do: 'get', group: LOCAL, path, token: 'not-a-token' }])
    expect(told).toMatchObject({ type: 'error', status: 401 })
  })
})
