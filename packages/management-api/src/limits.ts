/** Ours: how much of everything a client may hand in, hold open or leave behind. */
export const limits = {
  /** ARM's own limit of a request. */
  bodyBytes: 4_194_304,
  /** A token request is a form of a few short texts, and at most one assertion. */
  formBytes: 65_536,
  /** A vault's largest request is a certificate with its chain and key, in base64. */
  vaultBodyBytes: 262_144,
  /** Objects and lists within each other: no resource has a quarter of it. */
  bodyDepth: 64,
  /** Texts, numbers, objects and lists of a body: a template of 800 resources has so many, each with sixty. */
  bodyValues: 50_000,
  /** All headers of a request; a token of Entra may have 8 KB. */
  headerBytes: 32_768,
  headersMilliseconds: 15_000,
  requestMilliseconds: 60_000,
  /** Longer than the pools of the clients keep an idle connection. */
  keepAliveMilliseconds: 65_000,
  handshakeMilliseconds: 15_000,
  connections: 4_096,
  requestsPerConnection: 100_000,
  /** How long requests that have begun may take when the server closes. */
  closingMilliseconds: 10_000,
  /** Entries of one page of a list, unless the client asks for fewer. */
  pageEntries: 500,
  /** How often a change is made anew when another one was quicker. */
  writeTries: 10,
  /** How often the end of an operation is stored anew when the store cannot: for a day. */
  endTries: 8_640,
  endRetryMilliseconds: 10_000,
  /** Finished operations that can still be asked about. */
  finishedOperations: 2_000,
  /** Operations that run. */
  runningOperations: 500,
  /** Azure's: deployments to one group or subscription that are remembered. */
  deployments: 800,
  /** Resources of one deployment that are made at the same time. */
  deploymentResources: 8,
  /** How long a deployment waits between tries when somebody else changes the same resource. */
  deploymentRetryMilliseconds: 250,
  deploymentTries: 120,
  /** Seconds after which clients poll again. */
  pollSeconds: 1,
  /** How long the URL of a profile package is good. */
  packageUrlSeconds: 3_600,
  /** Certificates that a package is to have are in its URL; proxies take no longer ones. */
  packageUrlCharacters: 12_000,
  packagesAtOnce: 2,
  packagesPerMinute: 60,
  /** Client-given ids in headers. */
  headerTextCharacters: 128,
} as const
