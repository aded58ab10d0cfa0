import type { ListenerSettings } from '@causeway/api-contract'
import { CommandError } from '@causeway/gateway'
import type { ManagementApi } from '../server/options.ts'

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Where the API listens unless it is told: where the gateway does, if that is one address; `undefined`: everywhere. */
export function hostBeside(listeners: readonly ListenerSettings[]): string | undefined {
  const addresses = new Set(listeners.map(({ address }) => address))
  const [only] = addresses
  return addresses.size === 1 && only !== undefined && !WILDCARDS.has(only) ? only : undefined
}

/**
 * Listens there. Everywhere is both families, or IPv4 alone on a machine without IPv6. Errors: `CommandError`
 * `HostFailure`, in one line.
 */
export async function listenAt(
  api: Pick<ManagementApi, 'listen'>,
  host: string | undefined,
  port: number,
): Promise<void> {
  try {
    await listenSomewhere(api, host, port)
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const place = `TCP ${host === undefined ? port : `${host} port ${port}`}`
    throw new CommandError('HostFailure', `the management API cannot listen on ${place}: ${problemOf(code)}`)
  }
}

async function listenSomewhere(
  api: Pick<ManagementApi, 'listen'>,
  host: string | undefined,
  port: number,
): Promise<void> {
  try {
    await api.listen({ host: host ?? '::', port })
  } catch (error) {
    if (host !== undefined || codeOf(error) !== 'EAFNOSUPPORT') throw error
    await api.listen({ host: '0.0.0.0', port })
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function problemOf(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is taken; stop who has it, or give another with --api-port'
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; give one of its own with --api-host'
    case 'ENOTFOUND':
      return 'that is no address; give one of this machine with --api-host'
    default:
      return `${code}; give another port with --api-port, or another address with --api-host`
  }
}
