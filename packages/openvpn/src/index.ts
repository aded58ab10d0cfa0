export { createOpenVpnClient, type OpenVpnClient } from './client/client.ts'
export type { OpenVpnClientOptions } from './client/client-options.ts'
export type { OpenVpnCommand, OpenVpnReply, TlsEstablished } from './command.ts'
export {
  type CompressionFraming,
  DATA_CIPHERS,
  type DataCipher,
  type DataDigest,
  type DataKeys,
  type DirectionKeys,
  type KeyId,
} from './data-channel.ts'
export type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from './output.ts'
export type { Path } from './path.ts'
export type { NegotiatedOptions, PushOptions } from './push-options.ts'
export { createOpenVpnServer, type OpenVpnServer } from './server/server.ts'
export type { OpenVpnServerLimits, OpenVpnServerOptions } from './server/server-options.ts'
export type { SessionEvent } from './session-event.ts'
