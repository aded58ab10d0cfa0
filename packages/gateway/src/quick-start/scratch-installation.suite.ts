import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeCrypto } from '@causeway/crypto-node'
import { openDataDirectory } from '@causeway/store'
import type { Interfaces } from './connected-networks.ts'
import type { Installation } from './installation.ts'
import { type PreparedGateway, prepareGateway, type StartOptions } from './quick-start.ts'

/** 2026-11-22. */
export const NOW = 1_795_305_600

/** A machine with one private network. */
export const INTERFACES: Interfaces = {
  eth0: [{ address: '10.9.0.5', cidr: '10.9.0.5/24', netmask: '', mac: '', internal: false, family: 'IPv4' }],
}

/** A machine in no network at all. */
export const NO_INTERFACES: Interfaces = {}

/** A data directory for tests, which `remove` takes away. */
export interface ScratchInstallation extends Installation {
  /** Closes the directory and opens it again, as a restart does. */
  reopen(now?: number): Promise<ScratchInstallation>
  remove(): Promise<void>
}

export async function scratchInstallation(): Promise<ScratchInstallation> {
  return openAt(join(await mkdtemp(join(tmpdir(), 'causeway-gateway-')), 'data'), NOW)
}

/** What an installation with a gateway starts with. Errors: there is none; those of `prepareGateway`. */
export async function preparedGateway(
  installation: Installation,
  options: StartOptions,
  interfaces: Interfaces,
): Promise<PreparedGateway> {
  const prepared = await prepareGateway(installation, options, interfaces)
  if (!prepared.resource) throw new Error('the installation has no gateway')
  return prepared
}

async function openAt(path: string, now: number): Promise<ScratchInstallation> {
  const data = await openDataDirectory(path)
  return {
    data,
    crypto: createNodeCrypto(),
    unixSeconds: () => now,
    async reopen(later = now) {
      await data.close()
      return openAt(path, later)
    },
    async remove() {
      await data.close()
      await rm(join(path, '..'), { recursive: true, force: true })
    },
  }
}
