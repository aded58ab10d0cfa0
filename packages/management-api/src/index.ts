export type { Installation, ResourceServers } from './call/services.ts'
export type { DeployRequest } from './deployments/deploy-as.ts'
export type { DeploymentOutcome, DeploymentProgress } from './deployments/run.ts'
export type { Answer } from './envelope/answer.ts'
export type { FirstAdministrator } from './installation/first-administrator.ts'
export { type Management, type ManagementOptions, startManagement } from './installation/start-management.ts'
export type { ManagementStartOptions } from './installation/start-options.ts'
export { limits } from './limits.ts'
export type { PacketCapture, RunningNetwork } from './network/network-options.ts'
export { METRICS_RIGHT, type MetricsText } from './observation/metrics-routes.ts'
export type { Body } from './resources/document.ts'
export {
  type ActionCall,
  type ActionResult,
  type ResourceChange,
  type ResourceServer,
  ResourceServerError,
  type ServedResource,
} from './resources/resource-server.ts'
export type { Caller } from './rights/caller.ts'
export { RoleStore } from './rights/role-store.ts'
export type { InstallationAnswer, InstallationRequest } from './server/installation-calls.ts'
export { createManagementApi } from './server/management-api.ts'
export type {
  InjectedAnswer,
  InjectedRequest,
  ManagementApi,
  ManagementApiOptions,
  ServerCertificate,
  VaultPlane,
} from './server/options.ts'
export {
  APP_SERVICE_PATH,
  createManagedIdentityServer,
  IMDS_PATH,
  type ManagedIdentityServer,
  type ManagedIdentityServerOptions,
} from './tokens/managed-identity-server.ts'
export type { VaultsTended } from './vault/tending.ts'
