import type { ListenerSettings } from '@causeway/api-contract'
import type { ManagementApi } from '../server/options.ts'

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Where the API listens unless it is told: where the gateway does, if that is one address; `undefined`: everywhere. */
export function hostBeside(listeners: readonly ListenerSettings[]): string | undefined {
  const addresses = new Set(listeners.map(({ address }) => address))
  const [only] = addresses
  return addresses.size === 1 && only !== undefined && !WILDCARDS.has(only) ? only : undefined
}

/** Listens there. Everywhere is both families, or IPv4 alone on a machine without IPv6. Errors: Node's, as EADDRINUSE. */
export async function listenAt(api: ManagementApi, host: string | undefined, port: number): Promise<void> {
  if (host !== undefined) {
    await api.listen({ host, port })
    return
  }
  try {
    await api.listen({ host: '::', port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error
    await api.listen({ host: '0.0.0.0', port })
  }
}
