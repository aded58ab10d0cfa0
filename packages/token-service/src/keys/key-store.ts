/** Where signing keys are kept: `SecretStore` of packages/store fits. */
export interface KeyStore {
  read(name: string): Promise<Uint8Array | undefined>
  write(name: string, bytes: Uint8Array): Promise<void>
}
