import type { SessionId } from '../output.ts'
import type { WrapRole } from '../wrap/control-wrap.ts'
import { createDynamicTlsCrypt } from '../wrap/dynamic-tls-crypt.ts'
import type { ControlChannel } from './control-channel.ts'
import { putEvent, type SessionHost } from './host.ts'
import { type DataTerms, deriveDataKeys, type KeyAgreement } from './key-agreement.ts'
import type { KeyChannel } from './key-channel.ts'

/** Whose data flow it is. */
export interface FlowOwner {
  readonly host: SessionHost
  readonly session: SessionId
  readonly channel: ControlChannel
  readonly role: WrapRole
}

/** What a flow is opened with. Seconds; 0: never. */
export interface FlowSettings {
  readonly peerId: number | undefined
  readonly pingIntervalSeconds: number
  readonly idleTimeoutSeconds: number
}

/** Opens the session's flow in the datapath, before any of its keys. */
export function openFlow({ host, session, channel }: FlowOwner, settings: FlowSettings): void {
  const { peerId, pingIntervalSeconds, idleTimeoutSeconds } = settings
  host.outbox.put({
    type: 'open-flow',
    session,
    path: channel.path,
    ...(peerId !== undefined && { peerId }),
    pingIntervalSeconds,
    idleTimeoutSeconds,
  })
}

/** Derives a key's data keys and installs them for receiving. */
export function installKey(
  owner: FlowOwner,
  key: KeyChannel,
  terms: DataTerms,
  agreement: KeyAgreement,
): void {
  const { host, session, channel, role } = owner
  const peerId = channel.remoteId ?? new Uint8Array()
  const keys = deriveDataKeys({
    crypto: host.crypto,
    role,
    keyId: key.lane.keyId,
    terms,
    agreement,
    clientSessionId: role === 'client' ? channel.ownId : peerId,
    serverSessionId: role === 'server' ? channel.ownId : peerId,
  })
  host.outbox.put({ type: 'install-key', session, keys })
}

/** Wraps the control packets of all later keys with a key of this session's own. */
export function wrapRenegotiations({ host, channel, role }: FlowOwner, { established }: KeyAgreement): void {
  const exported = established.dynamicTlsCryptExport
  const { wrap } = channel
  channel.wrapRenegotiations(createDynamicTlsCrypt({ crypto: host.crypto, role, exported, wrap }))
}

/** Tells that traffic may flow. */
export function putEstablished(
  { host, session, channel }: FlowOwner,
  terms: DataTerms,
  { established }: KeyAgreement,
  clientVersion: string,
): void {
  putEvent(host, session, {
    type: 'established',
    cipher: terms.cipher,
    tlsVersion: established.version,
    tlsCipher: established.cipher,
    wrap: channel.wrap.kind,
    clientVersion,
  })
}
