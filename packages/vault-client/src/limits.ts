/** Ours: how long and how much. */
export const limits = {
  /** From the question to its answer, tokens and further tries in it. */
  readingMilliseconds: { usual: 30_000, most: 300_000 },
  /** One request to a vault or an identity endpoint. */
  requestMilliseconds: 10_000,
  /** Further tries of a request that a vault could not answer. */
  retries: 2,
  retryMilliseconds: { first: 200, most: 2_000 },
  /** Vaults whose clients are kept, with the tokens that they have. */
  vaults: 64,
  /** Of an identifier. A vault's name has 24, an object's 127 and a version 32. */
  idCharacters: 2_048,
} as const
