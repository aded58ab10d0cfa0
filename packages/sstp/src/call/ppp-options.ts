import { PPP_DEFAULTS, type PppOptions } from '@causeway/ppp'
import { SstpError } from '../sstp-error.ts'
import type { SstpOptions, SstpSettings } from '../sstp-options.ts'

/** The inner packet of a data packet of 4095 bytes: its header, and PPP's address, control and protocol, go off. */
export const MAX_TUNNEL_MTU = 4_087
export const MIN_TUNNEL_MTU = 576

/**
 * From us: clients begin at once. `sstpc` starts its `pppd` only when the call is accepted, on a terminal that echoes
 * until then; a server's first words would come back to it.
 */
const PATIENCE_MILLISECONDS = 3_000

/** Errors: `ERR_SSTP_SETTINGS` when a call cannot be made with them. */
export function checkSettings(settings: SstpSettings): SstpSettings {
  const { authentication, tunnelMtu, helloMilliseconds, negotiationMilliseconds, bindingHashes } = settings
  const wrong = (what: string): never => {
    throw new SstpError('ERR_SSTP_SETTINGS', what)
  }
  if (authentication.length === 0) wrong('name an authentication')
  if (!(tunnelMtu >= MIN_TUNNEL_MTU && tunnelMtu <= MAX_TUNNEL_MTU)) wrong('tunnelMtu: 576 to 4087')
  if (!(helloMilliseconds > 0 && negotiationMilliseconds > 0)) wrong('times: above 0')
  if (bindingHashes?.length === 0) wrong('bindingHashes: name one, or leave them out')
  return settings
}

/** The link of a call. SSTP's own echoes find a dead peer, so PPP sends none. */
export function pppOptions(
  { role, crypto }: Pick<SstpOptions, 'role' | 'crypto'>,
  settings: SstpSettings,
): PppOptions {
  const common = {
    ...PPP_DEFAULTS,
    crypto,
    mru: settings.tunnelMtu,
    authentication: settings.authentication,
    echoMilliseconds: 0,
    authenticationMilliseconds: settings.negotiationMilliseconds,
  }
  if (role === 'server')
    return { ...common, role, name: settings.name, patienceMilliseconds: PATIENCE_MILLISECONDS }
  return { ...common, role, ipv4: settings.ipv4, ipv6: settings.ipv6 }
}
