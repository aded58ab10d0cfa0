import type { PushReply } from '../options/push-reply-reader.ts'
import type { FlowOwner } from '../session/data-flow.ts'
import { installKey, openFlow, putEstablished, wrapRenegotiations } from '../session/data-flow.ts'
import { KeySlots } from '../session/key-slots.ts'
import type { ClientHost } from './client-host.ts'
import type { Live } from './client-life.ts'
import type { ClientNegotiation } from './client-negotiation.ts'
import { acceptTerms } from './client-terms.ts'

/** Opens the flow on the server's options. A string is the reason why the client cannot agree to them. */
export function goLive(
  owner: FlowOwner & { readonly host: ClientHost },
  { key, agreement }: ClientNegotiation,
  { options }: PushReply,
): Live | string {
  const { host, session } = owner
  if (!agreement) return 'options came before the key exchange'
  const terms = acceptTerms(host.options, options.negotiated ?? { protocolFlags: [] })
  if (typeof terms === 'string') return terms
  openFlow(owner, terms)
  installKey(owner, key, terms.data, agreement)
  const slots = new KeySlots(host, session, key)
  if (terms.dynamicTlsCrypt) wrapRenegotiations(owner, agreement)
  const configuring = host.ask(session, { type: 'configure', options })
  putEstablished(owner, terms.data, agreement, host.options.version)
  return { type: 'live', slots, terms, renegotiation: undefined, configuring }
}
