import { parsePeerInfo } from '../options/peer-info.ts'
import { formatPushReply, pushRecipient } from '../options/push-reply.ts'
import type { AuthToken, PushOptions } from '../push-options.ts'
import {
  type FlowOwner,
  installKey,
  openFlow,
  putEstablished,
  wrapRenegotiations,
} from '../session/data-flow.ts'
import type { KeyAgreement } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import { KeySlots } from '../session/key-slots.ts'
import { type ClientCapabilities, clientCapabilities } from './client-capabilities.ts'
import type { ServerHost } from './server-host.ts'
import type { Live } from './server-life.ts'
import { agreeTerms } from './server-terms.ts'

/** Why a client that may connect cannot. */
export interface EstablishRefusal {
  readonly type: 'refusal'
  readonly reason: string
  readonly temporary: boolean
}

export interface EstablishInput {
  readonly owner: FlowOwner & { readonly host: ServerHost }
  readonly key: KeyChannel
  readonly agreement: KeyAgreement
  /** What the outside lets the client have. */
  readonly options: PushOptions
  readonly authToken: AuthToken | undefined
  /** Ends what the session replaces, before its flow is opened. */
  readonly replace: () => void
}

/** What a client has said of itself in its key-method message. */
export function capabilitiesOf(agreement: KeyAgreement | undefined): ClientCapabilities {
  const { peerInfo = '', options = '' } = agreement?.client ?? {}
  return clientCapabilities(parsePeerInfo(peerInfo), options)
}

/** Settles the terms with a client that is let in, and opens its flow with its first key. */
export function establish({
  owner,
  key,
  agreement,
  options,
  authToken,
  replace,
}: EstablishInput): Live | EstablishRefusal {
  const { host, session } = owner
  const capabilities = capabilitiesOf(agreement)
  const terms = agreeTerms(host.options, capabilities)
  if (!terms) return { type: 'refusal', reason: 'No common data cipher', temporary: false }
  const peerId = capabilities.dataV2 ? host.takePeerId() : undefined
  if (capabilities.dataV2 && peerId === undefined)
    return { type: 'refusal', reason: 'The server is full', temporary: true }
  const negotiated = {
    ...terms.negotiated,
    ...(peerId !== undefined && { peerId }),
    // Over TCP the connection's end tells enough, and OpenVPN complains.
    ...(owner.channel.path.type === 'udp' && { exitNotices: 1 }),
  }
  const recipient = pushRecipient(capabilities.peerInfo)
  const unsent = formatPushReply({ ...options, negotiated }, recipient, authToken)
  replace()
  const { pingSeconds, pingRestartSeconds } = host.options
  // The client must give up first: OpenVPN's server waits twice as long, too.
  openFlow(owner, { peerId, pingIntervalSeconds: pingSeconds, idleTimeoutSeconds: 2 * pingRestartSeconds })
  installKey(owner, key, terms.data, agreement)
  const slots = new KeySlots(host, session, key)
  if (terms.dynamicTlsCrypt) wrapRenegotiations(owner, agreement)
  putEstablished(owner, terms.data, agreement, capabilities.version)
  const pushUnasked = capabilities.requestPush
  return { type: 'live', slots, terms: terms.data, peerId, pushUnasked, unsent, renegotiation: undefined }
}
