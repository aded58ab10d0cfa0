/** What a workspace may import: its level's rule and its named edges (DESIGN of the levels, in ARCHITECTURE.md). */
export interface PackageRule {
  readonly level: 0 | 1 | 2 | 3 | 4 | 5 | 'dev'
  /** Workspaces that it may import, of its own level or special; lower levels come with `below`. */
  readonly edges: readonly string[]
  /** Which lower levels it may import. */
  readonly below: readonly number[]
  /** Whether `node:*` and Node's globals are allowed. */
  readonly node: boolean
  /** Libraries from npm that it may import. */
  readonly libraries: readonly string[]
}

const pure = (level: 0 | 1 | 2, edges: readonly string[] = []): PackageRule => ({
  level,
  edges,
  below: level === 2 ? [0, 1] : level === 1 ? [0] : [],
  node: false,
  libraries: [],
})

/** Every workspace. A package that is gone, or one that is missing here, fails the test. */
export const PACKAGE_RULES: Readonly<Record<string, PackageRule>> = {
  wire: pure(0),
  // The engine contract speaks of endpoints, which are wire values.
  engine: pure(0, ['wire']),
  // Schemas are data: TypeBox gives both the validation and the types.
  'api-contract': { ...pure(0, ['wire']), libraries: ['typebox'] },
  crypto: pure(1),
  openvpn: pure(2),
  eap: pure(2),
  ikev2: pure(2),
  ppp: pure(2),
  sstp: pure(2, ['ppp']),
  radius: pure(2),
  access: pure(2),
  'arm-template': pure(2),
  'site-to-site': pure(2),
  // Documents and keys are kept by the store; tokens of an external tenant are judged by entra.
  'token-service': { level: 3, edges: ['store', 'entra'], below: [0, 1], node: true, libraries: ['jose'] },
  'crypto-node': { level: 3, edges: [], below: [0, 1], node: true, libraries: [] },
  x509: {
    level: 3,
    edges: [],
    below: [0, 1],
    node: true,
    libraries: ['@peculiar/x509', 'reflect-metadata'],
  },
  'control-tls': { level: 3, edges: [], below: [0, 1], node: true, libraries: [] },
  datapath: { level: 3, edges: [], below: [0, 1], node: true, libraries: [] },
  entra: { level: 3, edges: [], below: [0, 1], node: true, libraries: ['jose'] },
  store: { level: 3, edges: [], below: [0, 1], node: true, libraries: ['better-sqlite3'] },
  // A vault is certificates and secrets in the store.
  'key-vault': { level: 3, edges: ['store', 'x509'], below: [0, 1], node: true, libraries: [] },
  // Certificates of a vault, ours or Azure's, are read with Azure's own clients.
  'vault-client': {
    level: 3,
    edges: ['x509'],
    below: [0, 1],
    node: true,
    libraries: ['@azure/identity', '@azure/keyvault-certificates', '@azure/keyvault-secrets'],
  },
  gateway: {
    level: 4,
    edges: [],
    below: [0, 1, 2, 3],
    node: true,
    libraries: ['fflate', 'pino', 'pino-pretty', 'prom-client'],
  },
  'management-api': {
    level: 5,
    edges: [],
    below: [0, 2, 3, 4],
    node: true,
    libraries: ['fastify', 'pino'],
  },
  cli: { level: 5, edges: ['api-contract'], below: [], node: true, libraries: ['yaml'] },
  netsim: { level: 'dev', edges: [], below: [0, 1, 2, 3, 4, 5], node: true, libraries: [] },
}

/** Imports that one file may make beyond its package's rule, each with its reason. */
export const FILE_EDGES: readonly {
  readonly file: string
  readonly imports: string
  readonly reason: string
}[] = [
  {
    file: 'packages/cli/src/commands/up.ts',
    imports: 'gateway',
    reason: '`causeway up` composes the gateway in its own process',
  },
  {
    file: 'packages/cli/src/commands/up.ts',
    imports: 'management-api',
    reason: '`causeway up` runs the management API beside the gateway',
  },
  {
    file: 'packages/cli/src/commands/connect.ts',
    imports: 'gateway',
    reason: '`causeway connect` composes the client role in its own process',
  },
  {
    file: 'packages/cli/src/resting-gateway.ts',
    imports: 'gateway',
    reason: 'commands on a data directory whose gateway does not run are answered in their own process',
  },
]
