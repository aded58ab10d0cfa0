import { readFile } from 'node:fs/promises'
import { HostError } from '../../host/host.ts'

/**
 * The kernel's number of a device, in the network namespace of this process: /sys shows that of whoever mounted it.
 * Errors: `HostError` `ERR_HOST_COMMAND`.
 */
export async function deviceIndex(name: string): Promise<number> {
  for (const path of [`/proc/self/net/dev_snmp6/${name}`, `/sys/class/net/${name}/ifindex`]) {
    const text = await readFile(path, 'utf8').catch(() => '')
    const index = Number(/\d+/.exec(text.split('\n')[0] ?? '')?.[0])
    if (index > 0) return index
  }
  throw new HostError('ERR_HOST_COMMAND', `there is no device ${name}`)
}
