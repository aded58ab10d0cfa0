import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { type GatewayHostState, HostError } from './host.ts'
import { thisProcess } from './host-record.ts'
import type { KernelSettings } from './kernel-setting.ts'
import { type LinuxHostOptions, linuxHost } from './linux-host.ts'
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

let commands: { readonly program: string; readonly input: string }[]
let settings: Map<string, string>
let options: LinuxHostOptions & { readonly recordPath: string }

beforeEach(async () => {
  commands = []
  settings = new Map([
    ['net/ipv4/ip_forward', '0'],
    ['net/ipv6/conf/all/forwarding', '1'],
  ])
  const run: SystemCommand = async (program, _options, input) => void commands.push({ program, input })
  const kernel: KernelSettings = {
    read: async setting => settings.get(setting) ?? '',
    write: async (setting, value) => void settings.set(setting, value),
  }
  const directory = await mkdtemp(join(tmpdir(), 'causeway-host-'))
  options = { run, settings: kernel, recordPath: join(directory, 'host.json'), checkMachine: () => undefined }
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
