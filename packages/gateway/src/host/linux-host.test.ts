import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { type GatewayHostState, HostError } from './host.ts'
import { thisProcess } from './host-record.ts'
import type { KernelSettings } from './kernel-setting.ts'
import { type LinuxHostOptions, linuxHost } from './linux-host.ts'
import { type MachineNetwork, type MachineRoute, parseRoutes } from './machine-network.ts'
import type { SystemCommand } from './system-command.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress
const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const leased = (gateway: string, prefixLength: number) => {
  return { address: address(gateway), prefixLength, gateway: address(gateway) }
}

const STATE: GatewayHostState = {
  tun: 'causeway0',
  mtu: 1500,
  addresses: [leased('10.8.0.1', 24), leased('fd00::1', 64)],
  pools: [prefix('10.8.0.0/24')],
  destinations: [prefix('10.1.0.0/16')],
  nat: true,
  services: [],
}

let commands: { readonly program: string; readonly options: string; readonly input: string }[]
let settings: Map<string, string>
let options: LinuxHostOptions & { readonly recordPath: string }
let routes: MachineRoute[]
/** The next command with this in it fails. */
let failing: string | undefined

beforeEach(async () => {
  commands = []
  settings = new Map([
    ['net/ipv4/ip_forward', '0'],
    ['net/ipv6/conf/all/forwarding', '1'],
  ])
  routes = []
  failing = undefined
  const run: SystemCommand = async (program, parameters, input) => {
    commands.push({ program, input, options: parameters.join(' ') })
    if (failing === undefined || !input.includes(failing)) return
    failing = undefined
    throw new HostError('ERR_HOST_COMMAND', 'ip failed: RTNETLINK answers: Invalid argument')
  }
  const network: MachineNetwork = {
    routes: async () => routes,
    addresses: () => [
      { device: 'eth0', address: address('203.0.113.2') },
      { device: 'eth1', address: address('10.1.0.4') },
    ],
  }
  const kernel: KernelSettings = {
    read: async setting => settings.get(setting) ?? '',
    write: async (setting, value) => void settings.set(setting, value),
  }
  const directory = await mkdtemp(join(tmpdir(), 'causeway-host-'))
  const recordPath = join(directory, 'host.json')
  options = { run, settings: kernel, network, recordPath, checkMachine: () => undefined }
})

const batches = () => commands.filter(({ program }) => program === 'ip').map(({ input }) => input)

describe('a Linux host', () => {
  test('brings the interface up, then changes only what differs, new before old', async () => {
    const host = linuxHost(options)
    await host.prepare()
    await host.apply(STATE)
    await host.apply(STATE)
    await host.apply({ ...STATE, addresses: [leased('10.9.0.1', 24), leased('fd00::1', 64)] })
    expect(batches()).toEqual([
      'link set dev causeway0 mtu 1500 up\n' +
        'addr replace 10.8.0.1/24 dev causeway0\n' +
        'addr replace fd00::1/64 dev causeway0 nodad\n',
      'addr replace 10.9.0.1/24 dev causeway0\naddr del 10.8.0.1/24 dev causeway0\n',
    ])
  })

  test('turns forwarding on and back to what it was', async () => {
    const host = linuxHost(options)
    await host.prepare()
    await host.apply(STATE)
    expect(settings.get('net/ipv4/ip_forward')).toBe('1')
    await host.restore()
    expect(settings.get('net/ipv4/ip_forward')).toBe('0')
    expect(settings.get('net/ipv6/conf/all/forwarding')).toBe('1')
    expect(commands.at(-1)?.input).toBe('table inet causeway {}\ndelete table inet causeway\n')
    await expect(readFile(options.recordPath)).rejects.toThrow('ENOENT')
  })

  test('takes over what a crashed gateway has left', async () => {
    const record = {
      process: { id: process.pid, startedAt: 'long ago' },
      settings: { 'net/ipv4/ip_forward': '0' },
    }
    await writeFile(options.recordPath, JSON.stringify(record))
    settings.set('net/ipv4/ip_forward', '1')
    const host = linuxHost(options)
    await host.prepare()
    expect(commands[0]?.input).toContain('delete table inet causeway')
    await host.apply(STATE)
    await host.restore()
    expect(settings.get('net/ipv4/ip_forward')).toBe('0')
  })

  test('refuses to run beside another gateway', async () => {
    const { startedAt } = thisProcess()
    const parent = { id: process.ppid, startedAt: '' }
    expect(startedAt).toMatch(/^[0-9]+$/)
    const stat = await readFile(`/proc/${parent.id}/stat`, 'utf8')
    const running = { ...parent, startedAt: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] }
    await writeFile(options.recordPath, JSON.stringify({ process: running, settings: {} }))
    await expect(linuxHost(options).prepare()).rejects.toMatchObject({ code: 'ERR_HOST_BUSY' })
  })

  test('a record that is no JSON is no record', async () => {
    await writeFile(options.recordPath, 'half-writ')
    await expect(linuxHost(options).prepare()).resolves.toBeUndefined()
  })

  test('says what the machine lacks before it touches anything', async () => {
    const checkMachine = () => {
      throw new HostError('ERR_HOST_TUN', '/dev/net/tun is missing')
    }
    await expect(linuxHost({ ...options, checkMachine }).prepare()).rejects.toMatchObject({
      code: 'ERR_HOST_TUN',
    })
    expect(commands).toEqual([])
  })
})

const SITES = {
  remotePrefixes: [prefix('10.9.0.0/16'), prefix('fd09::/64')],
  insidePrefixes: [prefix('10.1.0.0/16')],
  peers: [parseIpAddress('198.51.100.1') as IpAddress],
  isDefaultSite: false,
}
const WITH_SITES: GatewayHostState = { ...STATE, addresses: [], pools: [], sites: SITES }
const ROUTES = [
  'route prepend 10.9.0.0/16 dev causeway0 src 10.1.0.4',
  'route replace fd09::/64 dev causeway0 metric 1',
]

describe('a Linux host with sites', () => {
  test('routes remote prefixes to the device, from an inside address, before routes that are there', async () => {
    const host = linuxHost(options)
    await host.prepare()
    expect(await host.apply(WITH_SITES)).toEqual([])
    await host.apply({ ...WITH_SITES, sites: { ...SITES, remotePrefixes: SITES.remotePrefixes.slice(1) } })
    await host.apply(STATE)
    expect(batches()).toEqual([
      `link set dev causeway0 mtu 1500 up\n${ROUTES.join('\n')}\n`,
      'route del 10.9.0.0/16 dev causeway0 src 10.1.0.4\n',
      'addr replace 10.8.0.1/24 dev causeway0\n' +
        'addr replace fd00::1/64 dev causeway0 nodad\n' +
        'route del fd09::/64 dev causeway0 metric 1\n',
    ])
    expect(settings.get('net/ipv4/ip_forward')).toBe('1')
  })

  test('says where the machine has a route to the same, and keeps its own networks', async () => {
    const listed = [
      { dst: 'default', gateway: '203.0.113.1', dev: 'eth0' },
      { dst: '10.9.0.0/16', gateway: '203.0.113.9', dev: 'eth0', protocol: 'static' },
      { dst: '10.9.0.0/16', dev: 'causeway0', protocol: 'boot' },
    ]
    const own = [{ dst: 'fd09::/64', dev: 'eth1', protocol: 'kernel' }]
    routes = [...parseRoutes(JSON.stringify(listed), 4), ...parseRoutes(JSON.stringify(own), 6)]
    const host = linuxHost(options)
    await host.prepare()
    expect(await host.apply(WITH_SITES)).toEqual([
      'this machine has a route to 10.9.0.0/16 of its own (via 203.0.113.9 dev eth0): ' +
        'while the site has it, the site comes first',
      'fd09::/64 is a network of this machine itself (eth1): what is sent there does not go to the site; ' +
        'give one of the two another prefix, or translate the site by an IngressSnat rule',
    ])
    expect(batches()[0]).toBe(`link set dev causeway0 mtu 1500 up\n${ROUTES[0]}\n`)
  })

  test('a change that fails leaves no routes, and can be made again', async () => {
    const host = linuxHost(options)
    await host.prepare()
    failing = 'fd09'
    await expect(host.apply(WITH_SITES)).rejects.toMatchObject({ code: 'ERR_HOST_COMMAND' })
    await host.apply(WITH_SITES)
    expect(batches().slice(1)).toEqual([
      'route del 10.9.0.0/16 dev causeway0 src 10.1.0.4\nroute del fd09::/64 dev causeway0 metric 1\n',
      `link set dev causeway0 mtu 1500 up\n${ROUTES.join('\n')}\n`,
    ])
  })
})

const FORCED: GatewayHostState = { ...WITH_SITES, sites: { ...SITES, isDefaultSite: true } }
const LINES = [
  'route replace unreachable 0.0.0.0/0 table 4500 metric 1000000',
  'rule add priority 4500 from 10.1.0.0/16 iif lo lookup main',
  'rule add priority 4501 from 10.1.0.0/16 lookup main suppress_prefixlength 0',
  'rule add priority 4502 from 10.1.0.0/16 lookup 4500',
]
const UNDONE = LINES.map(line => line.replace(/ (add|replace) /, ' del '))
const text = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('')

describe('a Linux host with a default site', () => {
  test('sends there what comes from inside and has no longer route, and nothing of its own', async () => {
    settings.set('net/ipv4/conf/all/rp_filter', '1')
    const host = linuxHost(options)
    await host.prepare()
    await host.apply(FORCED)
    await host.apply(FORCED)
    expect(batches()[0]).toContain('route replace 0.0.0.0/0 dev causeway0 table 4500\n')
    expect(batches().slice(1)).toEqual([text(LINES)])
    expect(settings.get('net/ipv4/conf/causeway0/rp_filter')).toBe('2')
    await host.apply(WITH_SITES)
    expect(batches().slice(2)).toEqual(['route del 0.0.0.0/0 dev causeway0 table 4500\n', text(UNDONE)])
  })

  test('undoes it in the end', async () => {
    const host = linuxHost(options)
    await host.prepare()
    await host.apply(FORCED)
    await host.restore()
    await host.restore()
    expect(batches().slice(2)).toEqual([text(UNDONE)])
    expect(commands.findLast(({ program }) => program === 'ip')?.options).toBe('-4 -force -batch -')
  })

  test('a remote prefix that is everything is one, in its family', async () => {
    const inside = { ...SITES, insidePrefixes: [prefix('10.1.0.0/16'), prefix('fd01::/64')] }
    const host = linuxHost(options)
    await host.prepare()
    await host.apply({ ...WITH_SITES, sites: { ...inside, remotePrefixes: [prefix('::/0')] } })
    const [routed, ruled] = batches()
    expect(routed).toBe('link set dev causeway0 mtu 1500 up\nroute replace ::/0 dev causeway0 table 4500\n')
    expect(ruled).toContain('rule add priority 4502 from fd01::/64 lookup 4500\n')
    expect(ruled).not.toContain('10.1.0.0')
    expect(commands.at(-1)?.options).toBe('-6 -batch -')
  })

  test('so is one that is wide: the peer may lie in it', async () => {
    const host = linuxHost(options)
    await host.prepare()
    await host.apply({ ...WITH_SITES, sites: { ...SITES, remotePrefixes: [prefix('128.0.0.0/1')] } })
    const [routed, ruled] = batches()
    expect(routed).toContain('route replace 128.0.0.0/1 dev causeway0 table 4500\n')
    expect(ruled).toContain('route replace unreachable 128.0.0.0/1 table 4500 metric 1000000\n')
    expect(ruled).toContain('rule add priority 4502 from 10.1.0.0/16 lookup 4500\n')
  })

  test('so is one that a peer lies in: the tunnel would carry itself', async () => {
    const host = linuxHost(options)
    await host.prepare()
    const peers = [parseIpAddress('10.9.3.1') as IpAddress]
    const notes = await host.apply({ ...WITH_SITES, sites: { ...SITES, peers } })
    expect(notes[0]).toMatch(/^10\.9\.0\.0\/16 holds 10\.9\.3\.1, the device of a site itself/)
    const [routed, ruled] = batches()
    expect(routed).toBe(
      'link set dev causeway0 mtu 1500 up\n' +
        `${ROUTES[1]}\n` +
        'route replace 10.9.0.0/16 dev causeway0 table 4500\n',
    )
    expect(ruled).toBe(text(LINES).replace('0.0.0.0/0', '10.9.0.0/16'))
  })

  test('makes anew what a crashed gateway has left, whether or not it stands', async () => {
    const host = linuxHost(options)
    await host.prepare()
    failing = 'priority 4502'
    await expect(host.apply(FORCED)).rejects.toMatchObject({ code: 'ERR_HOST_COMMAND' })
    commands = []
    const next = linuxHost(options)
    await next.prepare()
    failing = 'rule del'
    await next.apply(FORCED)
    expect(batches().slice(1)).toEqual([text(UNDONE), text(LINES)])
  })

  test('takes away what a crashed gateway has left, and nobody wants', async () => {
    const host = linuxHost(options)
    await host.prepare()
    await host.apply(FORCED)
    commands = []
    const next = linuxHost(options)
    await next.prepare()
    await next.restore()
    expect(batches()).toEqual([text(UNDONE)])
  })
})
