import type { PppNetwork } from '../link-command.ts'
import type { PppOptions } from '../link-options.ts'
import { PppError } from '../ppp-error.ts'
import { IpcpClientPolicy } from './ipcp-client-policy.ts'
import { IpcpServerPolicy } from './ipcp-server-policy.ts'
import { Ipv6cpClientPolicy } from './ipv6cp-client-policy.ts'
import { IDENTIFIER_BYTES } from './ipv6cp-option.ts'
import { Ipv6cpServerPolicy } from './ipv6cp-server-policy.ts'
import type { Family, NetworkPolicy } from './network-policy.ts'

export type Policies = Partial<Readonly<Record<Family, NetworkPolicy>>>

/** What a server gives. Errors: `ERR_PPP_NETWORK` when there is nothing in it, or nothing that can be given. */
export function serverPolicies({ ipv4, ipv6 }: PppNetwork): Policies {
  if (!ipv4 && !ipv6) throw new PppError('ERR_PPP_NETWORK', 'a network needs IPv4, IPv6 or both')
  if (ipv4 && (ipv4.local.family !== 4 || ipv4.peer.family !== 4))
    throw new PppError('ERR_PPP_NETWORK', 'IPCP gives IPv4 addresses')
  if (ipv6 && (ipv6.local.length !== IDENTIFIER_BYTES || ipv6.peer.length !== IDENTIFIER_BYTES))
    throw new PppError('ERR_PPP_NETWORK', `an interface identifier has ${IDENTIFIER_BYTES} bytes`)
  return {
    ...(ipv4 && { ipv4: new IpcpServerPolicy(ipv4) }),
    ...(ipv6 && { ipv6: new Ipv6cpServerPolicy(ipv6) }),
  }
}

/** What a client asks for. */
export function clientPolicies(options: PppOptions & { readonly role: 'client' }): Policies {
  return {
    ...(options.ipv4 && { ipv4: new IpcpClientPolicy() }),
    ...(options.ipv6 && { ipv6: new Ipv6cpClientPolicy(options.crypto.random) }),
  }
}
