import type { SessionHost } from '../session/host.ts'
import type { OpenVpnClientOptions } from './client-options.ts'

/** What the client engine gives each of its sessions. */
export interface ClientHost extends SessionHost {
  readonly options: OpenVpnClientOptions
}
