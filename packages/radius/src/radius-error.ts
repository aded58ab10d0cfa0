/** The stable codes of {@link RadiusError}. */
export type RadiusErrorCode =
  /** Servers, sources or a name of the gateway that make no RADIUS. */
  'ERR_RADIUS_OPTIONS'

/** Misuse by what is around an engine, never caused by a peer's bytes. Carries no secret. */
export class RadiusError extends Error {
  override readonly name = 'RadiusError'
  readonly code: RadiusErrorCode

  constructor(code: RadiusErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
