import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { addressBits, formatIpAddress, type IpAddress, parseIpAddress } from '@causeway/wire'
import { interfaceName } from './interface-name.ts'

/** How the machine reaches an address without the tunnel. */
export interface OriginalRoute {
  /** For `ip route replace` and `del`. */
  readonly line: string
  /** Reached without a router: its own network's route is more specific than the tunnel's. */
  readonly onLink: boolean
}

const run = promisify(execFile)

/** Asks the kernel. `undefined`: there is no route. */
export async function originalRoute(to: IpAddress): Promise<OriginalRoute | undefined> {
  const text = formatIpAddress(to)
  const { stdout } = await run('ip', ['-json', 'route', 'get', text])
  const [route] = JSON.parse(stdout) as readonly { readonly gateway?: string; readonly dev?: string }[]
  if (!route?.dev) return undefined
  const device = interfaceName(route.dev)
  const gateway = parseIpAddress(route.gateway ?? '')
  const via = gateway ? ` via ${formatIpAddress(gateway)}` : ''
  return { line: `${text}/${addressBits(to.family)}${via} dev ${device}`, onLink: !gateway }
}
