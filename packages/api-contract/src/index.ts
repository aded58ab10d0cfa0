export {
  AUTHENTICATION_ROWS,
  type AuthenticationRow,
  type AuthenticationVerdict,
  judgeAuthentication,
} from './authentication-matrix.ts'
export {
  type CompleteEntraBrowserSettings,
  type CompleteEntraSettings,
  type CompleteRadiusSettings,
  DEFAULT_ENTRA,
  DEFAULT_ENTRA_BROWSER,
  DEFAULT_RADIUS,
  type EntraBrowserSettings,
  type EntraSettings,
  RADIUS_PORTS,
  type RadiusServerSettings,
  type RadiusSettings,
} from './authentication-settings.ts'
export {
  CLIENT_PROGRAMS,
  CLIENT_ROWS,
  CLIENT_SYSTEMS,
  type ClientProgram,
  type ClientRow,
  type ClientSystem,
  type ServedClient,
  servedClients,
} from './client-compatibility.ts'
export {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  canonicalName,
  PROTOCOL_AUTHENTICATION,
} from './client-protocol.ts'
export {
  type AddedClient,
  type ApplyResult,
  type CertificateView,
  type ChangedCertificate,
  CLIENT_KEY_TYPES,
  CLIENT_NAME_PATTERN,
  type ClientKeyType,
  type ClientView,
  CONTROL_LINE_LIMIT,
  CONTROL_SOCKET_NAME,
  type ControlMethod,
  type ControlRequest,
  type ControlResponse,
  type ControlResults,
  type GatewayStatus,
  LIVE_METHODS,
  type RevokedClient,
  readControlRequest,
  type SessionView,
  type TunnelAuthentication,
} from './control-protocol.ts'
export { type Checked, type DocumentFault, formatDocumentFault, quote } from './document-fault.ts'
export {
  type DocumentSecrets,
  SECRET_TEXT,
  secretsOf,
  withoutSecrets,
  withSecrets,
} from './document-secrets.ts'
export { ERROR_STATUS, type ErrorBody, type ErrorCode } from './error-code.ts'
export {
  CONTROL_WRAPS,
  type CompleteGatewaySettings,
  completeGatewaySettings,
  DATA_CIPHER_NAMES,
  DEFAULT_IKEV2,
  DEFAULT_LISTENERS,
  DEFAULT_OPENVPN,
  DEFAULT_SSTP,
  type GatewaySettings,
  type Ikev2Settings,
  type ListenerSettings,
  type OpenVpnSettings,
  readGatewaySettings,
  type SstpSettings,
} from './gateway-settings.ts'
export {
  DH_GROUP_NAMES,
  type DhGroupName,
  IKE_ENCRYPTION_NAMES,
  IKE_INTEGRITY_NAMES,
  type IkeEncryptionName,
  type IkeIntegrityName,
  type IkePolicyRow,
  IPSEC_ENCRYPTION_NAMES,
  IPSEC_INTEGRITY_NAMES,
  type IpsecEncryptionName,
  type IpsecIntegrityName,
  type IpsecPolicyRow,
  P2S_IKE_POLICY,
  P2S_IPSEC_POLICY,
  PFS_GROUP_NAMES,
  type PfsGroupName,
} from './ipsec-policy.ts'
export {
  type ConnectionConfigurationResource,
  GROUP_MEMBER_LIMIT,
  GROUP_MEMBER_TYPES,
  GROUP_POOL_LONGEST,
  type GroupMemberType,
  POLICY_GROUP_LIMIT,
  type PolicyGroupResource,
  RADIUS_GROUP_PREFIX,
} from './policy-group.ts'
export { type GatewayGeneration, SKU_NAMES, type SkuLimits, skuLimits } from './sku.ts'
export { TLS_POLICY, type TlsSuite, tlsSuite } from './tls-policy.ts'
export { DEFAULT_USERS, type GroupSettings, type UserSettings } from './user-settings.ts'
export {
  type AddressSpace,
  type IpsecPolicy,
  type RadiusServerResource,
  ROOT_CERTIFICATE_LIMIT,
  readVirtualNetworkGateway,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
  type VirtualNetworkGateway,
  type VpnClientConfiguration,
  type VpnClientRevokedCertificate,
  type VpnClientRootCertificate,
} from './virtual-network-gateway.ts'
