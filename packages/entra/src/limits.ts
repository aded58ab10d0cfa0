/** Ours: how much of everything that a user, a token or a provider hands in is looked at. */
export const limits = {
  /** A token, in characters. Entra's have 2,000 to 5,000; with 200 groups some 15,000. */
  tokenCharacters: 65_536,
  /** A key id in a token or a key set, in characters. */
  keyIdCharacters: 256,
  /** A user name, an object id, a group id, in characters. */
  nameCharacters: 256,
  /** An audience or an issuer, in characters. */
  uriCharacters: 2_048,
  /** Groups in one token. Entra puts in 200 at most and then says that there are more. */
  groups: 2_000,
  /** Audiences in one token, and in one configuration. */
  audiences: 16,
  /** What a refusal repeats of a claim, in characters. */
  quotedCharacters: 120,
  /** How far clocks may be apart, at most, in seconds. */
  clockSkewSeconds: 300,
  /** A metadata document, a key set or an answer of the token endpoint, in bytes. */
  documentBytes: 524_288,
  /** Redirects to the same origin. */
  redirects: 3,
  /** Keys in one key set. */
  keys: 100,
  /** A key set or metadata is used for at most this long without asking again, in seconds. */
  maxAgeSeconds: 86_400,
  /** Bits of an RSA modulus. RFC 7518 §3.3 demands 2048 at least; above 8192 a check takes long. */
  rsaBits: { min: 2_048, max: 8_192 },
  /** Sign-ins with the browser under way: in all, and from one source address. */
  pendingSignIns: 1_000,
  pendingSignInsPerSource: 64,
  /** What the provider appends to the redirect URI: a code or a state, in characters. */
  callbackCharacters: 8_192,
} as const
