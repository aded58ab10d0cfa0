/**
 * Secrets by name, encrypted at rest with a key file that only the gateway's user can read. Names follow the rules of
 * document keys. To change one together with documents: `DocumentStore.commit`.
 */
export interface SecretStore {
  /** Errors: `ERR_STORE_KEY` when the key file does not open it, `ERR_STORE_READ`. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Errors: `ERR_STORE_WRITE`; the former secret is then intact. */
  write(name: string, secret: Uint8Array): Promise<void>
  /** A missing one is no error. Errors: `ERR_STORE_WRITE`. */
  remove(name: string): Promise<void>
}
