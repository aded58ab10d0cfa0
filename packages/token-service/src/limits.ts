/** Ours: how much of everything that a client hands in is looked at, and how long things last. */
export const limits = {
  /** A token's life, in seconds: Entra's is 60 to 90 minutes, 24 hours for managed identities. */
  tokenLifetimeSeconds: { min: 300, usual: 3_599, max: 86_400 },
  /** How far clocks may be apart, in seconds. */
  clockSkewSeconds: { usual: 60, max: 300 },
  /** One value of a token request, in characters; a client assertion has its own. */
  parameterCharacters: 2_048,
  /** A client assertion brings its certificates along. */
  assertionCharacters: 32_768,
  /** Scopes in one request. */
  scopes: 16,
  /** How far ahead a client assertion may expire, in seconds. Clients say 10 minutes to an hour. */
  assertionLifetimeSeconds: 86_400,
  /** Client assertions that are remembered until they expire: each was signed by a client of ours. */
  rememberedAssertions: 20_000,
  /** The id of a client assertion (`jti`), in characters. */
  assertionIdCharacters: 256,
  /** Secrets and certificates of one service principal. */
  credentials: 16,
  /** A secret's life, in seconds: as in Entra, two years. */
  secretLifetimeSeconds: 63_072_000,
  displayNameCharacters: 256,
  /** Secrets that are hashed at a time (16 MB each), and how many may wait for it. */
  hashing: { atOnce: 4, waiting: 1_024 },
  /** Secrets that were right, of which a digest is kept in memory. */
  rememberedSecrets: 1_024,
  /** Tokens of callers that need not be proven again, and for how long, in seconds. */
  provenTokens: 4_096,
  provenSeconds: 60,
  /** Signing keys that are kept: one signs, the others are there for tokens that were signed before. */
  signingKeys: 16,
  /** A key signs for 90 days. */
  signingKeySeconds: 7_776_000,
} as const
