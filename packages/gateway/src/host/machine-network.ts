import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { type IpAddress, type IpPrefix, ipPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'

/** What the machine has of its own: routes, and addresses of its interfaces. */
export interface MachineNetwork {
  /** Of the main table. Errors: the system's. */
  routes(): Promise<readonly MachineRoute[]>
  addresses(): readonly MachineAddress[]
}

export interface MachineRoute {
  readonly destination: IpPrefix
  /** Absent for routes to nowhere. */
  readonly device?: string
  readonly via?: string
  /** The kernel made it for an address of the machine: the network is one it stands in. */
  readonly isOwnNetwork: boolean
}

export interface MachineAddress {
  readonly device: string
  readonly address: IpAddress
}

/** The real one. */
export const machineNetwork: MachineNetwork = {
  routes: async () => {
    const lists = await Promise.all((['-4', '-6'] as const).map(listRoutes))
    return lists.flat()
  },
  addresses: () => {
    return Object.entries(networkInterfaces()).flatMap(([device, entries = []]) => {
      return entries
        .filter(({ internal }) => !internal)
        .map(({ address }) => parseIpAddress(address))
        .filter(address => address !== undefined)
        .map(address => ({ device, address }))
    })
  },
}

const run = promisify(execFile)

/** Routes of a machine that stands in a full BGP table fit. */
const MAXIMUM_OUTPUT_BYTES = 256 * 1024 * 1024

async function listRoutes(family: '-4' | '-6'): Promise<MachineRoute[]> {
  const { PATH = '', ...rest } = process.env
  const env = { ...rest, PATH: `${PATH}:/usr/sbin:/sbin` }
  const options = { env, maxBuffer: MAXIMUM_OUTPUT_BYTES }
  const { stdout } = await run('ip', ['-json', family, 'route', 'show', 'table', 'main'], options)
  return parseRoutes(stdout, family === '-4' ? 4 : 6)
}

/** `ip -json route show`. Without a route it prints nothing, or an empty list. */
export function parseRoutes(json: string, family: 4 | 6): MachineRoute[] {
  if (json.trim() === '') return []
  return (JSON.parse(json) as readonly ListedRoute[]).flatMap(({ dst, dev, gateway, protocol }) => {
    const destination = parseDestination(dst, family)
    if (!destination) return []
    const isOwnNetwork = protocol === 'kernel' && gateway === undefined
    return [{ destination, isOwnNetwork, ...(dev && { device: dev }), ...(gateway && { via: gateway }) }]
  })
}

interface ListedRoute {
  readonly dst: string
  readonly dev?: string
  readonly gateway?: string
  readonly protocol?: string
}

function parseDestination(text: string, family: 4 | 6): IpPrefix | undefined {
  if (text === 'default') return parseIpPrefix(family === 4 ? '0.0.0.0/0' : '::/0')
  const host = parseIpAddress(text)
  return host ? ipPrefix(host) : parseIpPrefix(text)
}
