import { HostError } from './host.ts'

/**
 * The name of a network interface, safe to stand in a batch for `ip` and `nft`: 1–15 letters, digits,
 * `.`, `-` and `_`. Errors: `ERR_HOST_COMMAND` on any other.
 */
export function interfaceName(name: string): string {
  if (/^[A-Za-z0-9_.-]{1,15}$/.test(name) && !/^\.{1,2}$/.test(name) && !name.startsWith('-')) return name
  throw new HostError('ERR_HOST_COMMAND', `"${name}" cannot be the name of a network interface`)
}
