import { createNodeCrypto } from '@causeway/crypto-node'
import { openDataDirectory } from '@causeway/store'
import type { Installation } from './installation.ts'

/** Opens a data directory for this process alone, with the real clock and cryptography. Errors: `StoreError`. */
export async function openInstallation(directory: string): Promise<Installation> {
  const data = await openDataDirectory(directory)
  return { data, crypto: createNodeCrypto(), unixSeconds: () => Math.floor(Date.now() / 1000) }
}
