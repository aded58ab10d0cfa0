/** Limits of a template. Of its sections `TEMPLATE_LIMITS` of api-contract tells more. */
export const LIMITS = {
  /** Azure's: characters of one expression. */
  expressionCharacters: 24_576,
  /** Ours: calls and places within each other in one expression. */
  expressionDepth: 48,
  /** Ours: `.x` and `[0]` after each other. */
  places: 24,
  /** Ours: calls in each other while evaluating, through variables and defaults of parameters. */
  evaluationDepth: 500,
  /** Azure's: resources, copies of them counted. */
  resources: 800,
  /** Azure's: entries of a copy loop. */
  copies: 800,
  /** Azure's: entries of `range`. */
  rangeEntries: 10_000,
  /** Ours: characters of one text that an expression makes. */
  textCharacters: 1_048_576,
  /** Ours: objects and lists within each other. */
  depth: 64,
  /** Ours: what evaluating may cost, in calls, values touched and 32 characters each. */
  steps: 1_000_000,
  /** Ours: what a template costs before anything of it is evaluated: whoever reads it looks many things up. */
  templateSteps: 2_000,
  /** Ours: faults that are told of one template; a reader mends the first ones first. */
  faults: 20,
  /** Ours: deployments within each other. */
  nested: 5,
} as const
