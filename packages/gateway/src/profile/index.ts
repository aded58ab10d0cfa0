export { addClient, type ClientRequest } from './add-client.ts'
export { listClients, readClient } from './client-registry.ts'
export type { ProfilePackageRequest } from './package-request.ts'
export { markRevoked, validThumbprints, withRevoked } from './revoke-client.ts'
