export { apiVersionsOf, PROVIDER_NAMESPACES, type ProviderNamespace } from './arm/api-versions.ts'
export {
  type CanonicalBody,
  canonicalBody,
  keepingOmitted,
  withoutReadOnly,
  withoutWriteOnly,
} from './arm/document-shape.ts'
export {
  armErrors,
  bearerChallenge,
  ERROR_STATUS,
  type ErrorAnswer,
  type ErrorBody,
  type ErrorCode,
  errorAnswer,
  faultsError,
} from './arm/errors.ts'
export { NAME_RULES, type NameRule, nameFault, normalLocation } from './arm/name-rule.ts'
export {
  OPERATION_STATUSES,
  type OperationStatus,
  type OperationStatusBody,
  type OperationStatusName,
  operationPaths,
} from './arm/operation.ts'
export {
  ARM_OPERATIONS,
  type ArmOperation,
  operationsOf,
} from './arm/operations.ts'
export {
  childOf,
  formatResourceId,
  type IdSegment,
  isSameResource,
  isWithin,
  type ParsedId,
  parentOf,
  parseResourceId,
  RESOURCE_ID_LIMIT,
  type ResourceId,
  resourceGroupOf,
  resourceKey,
  resourceName,
  resourceTypeOf,
  scopesOf,
  subscriptionOf,
} from './arm/resource-id.ts'
export type {
  LongRunning,
  QueryParameter,
  ResourceAction,
  ResourcePart,
  ResourceTypeDefinition,
} from './arm/resource-type.ts'
export {
  definitionOf,
  judgeApiVersion,
  providerNamespace,
  providerTypes,
  RESOURCE_TYPE_DEFINITIONS,
  readResourceBody,
  resourceTypeDefinition,
} from './arm/resource-types.ts'
export {
  PRINCIPAL_TYPES,
  type RoleAssignmentResource,
  type RoleDefinitionResource,
} from './arm/schema/authorization.ts'
export {
  type AddressSpace,
  type IpsecPolicy,
  type ManagedServiceIdentity,
  PROVISIONING_STATES,
  type ProvisioningState,
  type SubResource,
} from './arm/schema/common.ts'
export {
  CONNECTION_AUTHENTICATION_TYPES,
  CONNECTION_MODES,
  CONNECTION_PROTOCOLS,
  CONNECTION_STATUSES,
  CONNECTION_TYPES,
  type Connection,
  type ConnectionCertificateAuthentication,
} from './arm/schema/connection.ts'
export type { ConnectionHealthDetail, VpnClientParameters } from './arm/schema/gateway-operations.ts'
export type { Vault } from './arm/schema/key-vault.ts'
export type { LocalNetworkGateway } from './arm/schema/local-network-gateway.ts'
export type { UserAssignedIdentity } from './arm/schema/managed-identity.ts'
export type { NatRuleResource } from './arm/schema/nat-rule.ts'
export {
  type ConnectionConfigurationResource,
  GROUP_MEMBER_LIMIT,
  GROUP_MEMBER_TYPES,
  type GroupMemberType,
  POLICY_GROUP_LIMIT,
  type PolicyGroupResource,
  RADIUS_GROUP_PREFIX,
} from './arm/schema/policy-group.ts'
export type { PublicIpAddress } from './arm/schema/public-ip-address.ts'
export type { ResourceGroup, Subscription } from './arm/schema/resources.ts'
export type { Subnet, VirtualNetwork } from './arm/schema/virtual-network.ts'
export {
  GATEWAY_SKU_NAMES,
  readVirtualNetworkGateway,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
  type VirtualNetworkGateway,
} from './arm/schema/virtual-network-gateway.ts'
export {
  type RadiusServerResource,
  ROOT_CERTIFICATE_LIMIT,
  type VpnClientConfiguration,
  type VpnClientRevokedCertificate,
  type VpnClientRootCertificate,
} from './arm/schema/vpn-client-configuration.ts'
export {
  DEPLOYMENT_MODES,
  type Deployment,
  deploymentSchema,
  PARAMETER_TYPES,
  type ParameterType,
  SECURE_PARAMETER_TYPES,
  TEMPLATE_LIMITS,
  type Template,
  type TemplateParameters,
  type TemplateResource,
} from './arm/template.ts'
export { RESOURCE_TYPES, type ResourceTypeName, resourceTypeName } from './arm/type-names.ts'
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
  CLIENT_KEY_TYPES,
  CLIENT_NAME_PATTERN,
  type ClientKeyType,
  CONTROL_LINE_LIMIT,
  CONTROL_SOCKET_NAME,
  type ControlMethod,
  type ControlProgress,
  type ControlRequest,
  type ControlResponse,
  type GatewayRequest,
  HISTORY_LIMIT,
  isManagementRequest,
  LIVE_METHODS,
  type ManagementRequest,
  PRINCIPAL_NAME_PATTERN,
  readControlRequest,
  SECRET_DAYS_LIMIT,
} from './control-protocol.ts'
export type {
  AddedClient,
  AddedPrincipal,
  AddedPrincipalSecret,
  AppliedTemplate,
  ApplyResult,
  CertificateView,
  ChangedCertificate,
  ClientView,
  ControlResults,
  DeployedResource,
  GatewayStatus,
  HistoryView,
  PrincipalView,
  RemovedPrincipal,
  RevokedClient,
  SessionView,
  TunnelAuthentication,
} from './control-results.ts'
export {
  ALT_NAMES_LIMIT,
  type CertificateVerdict,
  CHAIN_FILES_LIMIT,
  type ChildSaView,
  type ConnectionDiagnosis,
  type ConnectionView,
  type DeviceCertificate,
  type FindingView,
  type IkeSaView,
  type InboundCheck,
  type ReasonView,
  SITE_DAYS_LIMIT,
  SITE_KEY_TYPES,
  type SiteKeyType,
  type StoredCertificateView,
  type TrustedCertificate,
  type TunnelView,
  VAULT_OBJECT_NAME_PATTERN,
  type VaultCertificateDetail,
  type VaultCertificateView,
} from './control-sites.ts'
export { type Checked, type DocumentFault, formatDocumentFault, quote } from './document-fault.ts'
export {
  type DocumentSecrets,
  SECRET_TEXT,
  secretsOf,
  withoutSecrets,
  withSecrets,
} from './document-secrets.ts'
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
  type LimitSettings,
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
export type { ExternalTenantSettings, ManagementSettings } from './management-settings.ts'
export { type JsonObject, type OpenApiDocument, openApiDocument } from './openapi.ts'
export {
  S2S_DH_GROUP,
  S2S_DH_GROUP_NAMES,
  S2S_IKE_ENCRYPTION,
  S2S_IKE_ENCRYPTION_NAMES,
  S2S_IKE_INTEGRITY,
  S2S_IKE_INTEGRITY_NAMES,
  S2S_IPSEC_ENCRYPTION,
  S2S_IPSEC_ENCRYPTION_NAMES,
  S2S_IPSEC_INTEGRITY,
  S2S_IPSEC_INTEGRITY_NAMES,
  S2S_PFS_GROUP,
  S2S_PFS_GROUP_NAMES,
  S2S_PRF,
  S2S_PRF_NAMES,
  type S2sAlgorithm,
  type S2sDhGroupName,
  type S2sIkeEncryptionName,
  type S2sIkeIntegrityName,
  type S2sIpsecEncryptionName,
  type S2sIpsecIntegrityName,
  type S2sPfsGroupName,
  type S2sPrfName,
  type S2sSupport,
} from './s2s-algorithm.ts'
export {
  readS2sPolicies,
  S2S_LIFETIME_MINIMUM,
  type S2sCustomPolicy,
  type S2sPolicyReading,
} from './s2s-custom-policy.ts'
export {
  judgeS2sIkeRow,
  judgeS2sIpsecRow,
  S2S_IKE_LIFETIME_SECONDS,
  S2S_IKE_POLICY,
  S2S_IPSEC_INITIATOR_POLICY,
  S2S_IPSEC_LIFETIME,
  S2S_IPSEC_RESPONDER_POLICY,
  S2S_IPSEC_SAS,
  S2S_STRONG_IKE_POLICY,
  type S2sIkeRow,
  type S2sIpsecRow,
  type S2sJudgement,
  type S2sPolicyRows,
  s2sDefaultPolicy,
} from './s2s-policy.ts'
export {
  DEFAULT_SITES,
  REVOCATION_MODES,
  type RemoteGatewaySettings,
  type SiteSettings,
} from './site-settings.ts'
export { ACTIVE_ACTIVE_CONFIGURATIONS, GATEWAY_SUBNET } from './sku/gateway-network.ts'
export { DPD_SECONDS, judgeConnection } from './sku/judge-connection.ts'
export { judgeSku, skuOf } from './sku/judge-sku.ts'
export { POOL_LIMITS, type PoolLimits } from './sku/pool-limits.ts'
export {
  judgeResize,
  RESIZE_REASONS,
  type ResizeReason,
  type ResizeVerdict,
  resizesOf,
} from './sku/resize.ts'
export type { SkuFault, SkuRule } from './sku/sku-fault.ts'
export {
  type GatewayGeneration,
  SKU_FEATURES,
  SKU_NAMES,
  SKUS,
  type SkuFeature,
  type SkuLimits,
  skuLimits,
  skuNames,
} from './sku/sku-table.ts'
export { TLS_POLICY, type TlsSuite, tlsSuite } from './tls-policy.ts'
export { DEFAULT_USERS, type GroupSettings, type UserSettings } from './user-settings.ts'
