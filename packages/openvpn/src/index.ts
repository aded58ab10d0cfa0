export { createOpenVpnClient, type OpenVpnClient } from './client/client.ts'
export type { ClientAnnouncement, OpenVpnClientOptions } from './client/client-options.ts'
export type { Credentials, OpenVpnCommand, OpenVpnReply, PendingReply, TlsEstablished } from './command.ts'
export {
  type CompressionFraming,
  DATA_CIPHERS,
  type DataCipher,
  type DataDigest,
  type DataKeys,
  type DirectionKeys,
  type KeyId,
} from './data-channel.ts'
export {
  DATA_KEY_LABEL,
  type DataKeyShape,
  expandKeysByPrf,
  KEY_EXPANSION_BYTES,
  type PrfInput,
  sliceDataKeys,
} from './key-method/key-derivation.ts'
export { type KeyMethodMessage, type KeySource, writeKeyMethodMessage } from './key-method/key-method-2.ts'
export {
  type KeyMethodProgress,
  KeyMethodReader,
  MAX_KEY_METHOD_BYTES,
} from './key-method/key-method-reader.ts'
export { OpenVpnError, type OpenVpnErrorCode } from './openvpn-error.ts'
export {
  type ChallengeAnswer,
  type DynamicChallenge,
  formatChallengeAnswer,
  formatDynamicChallenge,
  formatStaticChallenge,
  parseDynamicChallenge,
  readChallengeAnswer,
  readStaticChallenge,
  type StaticChallengeAnswer,
} from './options/challenge.ts'
export { negotiateCipher, negotiatesCiphers, parseDataCipher } from './options/cipher-negotiation.ts'
export { type ControlMessage, formatControlMessage, parseControlMessage } from './options/control-message.ts'
export { formatOptionsString, type OptionsString, parseOptionsString } from './options/options-string.ts'
export { formatPeerInfo, IV_PROTO, type PeerInfo, parsePeerInfo } from './options/peer-info.ts'
export {
  formatPendingMessage,
  methodOf,
  PENDING_TEXT_BYTES,
  type PendingMessage,
  type PendingMethod,
  parsePendingMessage,
  pendingMethods,
} from './options/pending-message.ts'
export type {
  ClientProfile,
  ParsedProfile,
  ProfileFault,
  ProfileNotice,
  ProfileRemote,
  ProfileWrap,
  ServerName,
} from './options/profile.ts'
export { parseProfile } from './options/profile-reader.ts'
export { formatProfile, type ProfileExtras } from './options/profile-writer.ts'
export {
  formatPushReply,
  PUSHED_DNS_SERVERS_LENGTH,
  PUSHED_SEARCH_DOMAINS_LENGTH,
  type PushRecipient,
  pushRecipient,
} from './options/push-reply.ts'
export { type PushReply, PushReplyReader, parsePushReply } from './options/push-reply-reader.ts'
export type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from './output.ts'
export type { Path } from './path.ts'
export type { AuthToken, NegotiatedOptions, PushOptions } from './push-options.ts'
export { createOpenVpnServer, type OpenVpnServer } from './server/server.ts'
export type { OpenVpnServerLimits, OpenVpnServerOptions } from './server/server-options.ts'
export type { SessionEvent } from './session-event.ts'
export { type ControlPacket, readControlPacket, writeControlPacket } from './wire/control-packet.ts'
export {
  type EarlyNegotiation,
  readEarlyNegotiation,
  writeEarlyNegotiation,
} from './wire/early-negotiation.ts'
export { isDataPacket, OPCODES, peekOpcode } from './wire/opcode.ts'
export {
  type ClientKeyMetadata,
  createTlsCryptV2ClientKey,
  createTlsCryptV2ServerKey,
  formatTlsCryptV2ClientKey,
  formatTlsCryptV2ServerKey,
  openClientKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  readClientKeyMetadata,
  type TlsCryptV2ClientKey,
} from './wrap/client-key.ts'
export {
  type ControlWrap,
  NO_WRAP,
  type PacketStamp,
  type Unwrapped,
  type WrapFault,
} from './wrap/control-wrap.ts'
export {
  createServerWraps,
  type DetectedWrap,
  detectWrap,
  type ServerWrapOptions,
  type ServerWraps,
} from './wrap/detect-wrap.ts'
export { createDynamicTlsCrypt, DYNAMIC_TLS_CRYPT_LABEL } from './wrap/dynamic-tls-crypt.ts'
export { formatStaticKey, type KeyDirection, parseStaticKey, STATIC_KEY_BYTES } from './wrap/static-key.ts'
export { createTlsAuth, type TlsAuthDigest } from './wrap/tls-auth.ts'
export { createTlsCrypt } from './wrap/tls-crypt.ts'
export { createTlsCryptV2Client, createTlsCryptV2Session } from './wrap/tls-crypt-v2.ts'
