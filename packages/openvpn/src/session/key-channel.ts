import type { KeyId } from '../data-channel.ts'
import type { SessionId } from '../output.ts'
import { ControlText } from './control-text.ts'
import type { SessionHost } from './host.ts'
import { KeyLane, type KeyLaneOptions } from './key-lane.ts'

/** One key's channel: its packets and, once both key-method messages have passed, its messages. */
export interface KeyChannel {
  readonly lane: KeyLane
  readonly text: ControlText
}

/** Opens a channel with a fresh TLS id. */
export function openKeyChannel(
  host: SessionHost,
  session: SessionId,
  options: Omit<KeyLaneOptions, 'tls'>,
): KeyChannel {
  const lane = new KeyLane({ ...options, tls: host.claimTls(session) })
  return { lane, text: new ControlText() }
}

/** The key id of the negotiation after this one: 1–7 in turn; 0 is only the first. */
export function nextKeyId(keyId: KeyId): KeyId {
  return (keyId === 7 ? 1 : keyId + 1) as KeyId
}
