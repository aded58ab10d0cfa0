import type { CryptoPort } from '@causeway/crypto'
import type { DataDirectory } from '@causeway/store'

/** What everything that works on a data directory needs. */
export interface Installation {
  readonly data: DataDirectory
  readonly crypto: CryptoPort
  /** The wall clock. */
  readonly unixSeconds: () => number
}

/** Keys of the documents in a data directory. It holds one gateway. */
export const DOCUMENTS = {
  gateway: 'gateways/causeway',
  settings: 'settings/causeway',
  network: 'networks/causeway',
  /** Folder: a document for each connection to a site. */
  connections: 'connections',
  /** There while the installation is to have no gateway; without it and a gateway, the next start makes the first. */
  idle: 'installation/idle',
  identity: 'installation/identity',
  authority: 'certificates/authority',
  server: 'certificates/server',
  api: 'certificates/api',
  given: 'certificates/given',
  radius: 'certificates/radius',
  clients: 'clients',
} as const

/** Names of the secrets in a data directory. */
export const SECRETS = {
  authorityKey: 'authority-key',
  serverKey: 'server-key',
  apiKey: 'api-key',
  tlsAuthKey: 'tls-auth-key',
  tlsCryptKey: 'tls-crypt-key',
  tlsCryptV2ServerKey: 'tls-crypt-v2-server-key',
  radius: 'radius-secrets',
  settings: 'settings-secrets',
  radiusKey: 'radius-key',
  /** What the names of connections' secrets begin with. */
  connections: 'connection',
} as const

/** The name of the CA certificate's file in the data directory. */
export const AUTHORITY_FILE = 'ca.pem'

export const DAY_SECONDS = 86_400

/** Certificates begin so long before now, for clients whose clock is behind. Ours. */
export const CLOCK_SKEW_SECONDS: number = DAY_SECONDS
