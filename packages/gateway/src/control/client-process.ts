import { availableParallelism } from 'node:os'
import { createNativeDatapath } from '@causeway/datapath'
import { type ClientProfile, parseProfile } from '@causeway/openvpn'
import type { Logger } from 'pino'
import { startClient, type VpnClient } from '../client/vpn-client.ts'
import { linuxClientHost } from '../host/client-host.ts'
import { CommandError } from '../quick-start/index.ts'
import { refuseUnfitMachine } from './doctor.ts'

/** How a client is run in this process. */
export interface ClientProcessOptions {
  /** Text of an OpenVPN profile. */
  readonly profile: string
  readonly log: Logger
  /** The tunnel is up, for the first time or again, with these inner addresses. */
  readonly onConnected: (addresses: readonly string[]) => void
  readonly onDisconnected: (reason: string) => void
}

/** One tunnel needs no more. */
const WORKERS = 2

/**
 * Connects to a gateway and keeps the tunnel up. Errors: `CommandError` `InvalidParameter` for the
 * profile, `HostFailure` for the machine, and those of `startClient`.
 */
export function startClientProcess(options: ClientProcessOptions): VpnClient {
  const profile = readProfile(options.profile, options.log)
  refuseUnfitMachine()
  const { log, onConnected, onDisconnected } = options
  const workers = Math.min(availableParallelism(), WORKERS)
  return startClient({
    profile,
    createDatapath: onEvents => createNativeDatapath({ workers, onEvents }),
    host: linuxClientHost(),
    log,
    onConnected,
    onDisconnected,
  })
}

function readProfile(text: string, log: Logger): ClientProfile {
  const parsed = parseProfile(text)
  if (parsed.type === 'profile-fault')
    throw new CommandError(
      'InvalidParameter',
      `line ${parsed.line} of the profile: ${parsed.reason}; correct it`,
    )
  for (const { line, directive, why } of parsed.notices)
    log.warn({ line, directive, why }, 'directive left out')
  return parsed.profile
}
