import type { Datapath } from '@causeway/datapath'
import type { ClientAnnouncement, ClientProfile } from '@causeway/openvpn'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { EngineDriver } from '../openvpn/engine-driver.ts'
import { clientTlsContext } from '../tls/control-context.ts'
import { clientEngine, DEFAULT_TUNNEL_MTU } from './client-engine.ts'
import { ClientSessions, type ClientSessionsOptions } from './client-sessions.ts'
import { serverJudge } from './server-judge.ts'

/** What a client driver is made of. */
export interface ClientDriverOptions extends Omit<ClientSessionsOptions, 'judge'> {
  readonly profile: ClientProfile
  readonly datapath: Datapath
  readonly clock: Clock
  readonly log: Logger
  /** What is told to the server of this client, in place of its own words. */
  readonly announcement?: ClientAnnouncement
}

/** TLS suites of the client role, by OpenSSL's names: what is strong and what Azure's policy has. */
const TLS_SUITES: readonly string[] = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...['ECDSA', 'RSA'].flatMap(key => [
    `ECDHE-${key}-AES256-GCM-SHA384`,
    `ECDHE-${key}-AES128-GCM-SHA256`,
    `ECDHE-${key}-AES256-SHA384`,
    `ECDHE-${key}-AES128-SHA256`,
  ]),
]

/**
 * Joins a client engine for a profile to a datapath. It carries any number of sessions, one for each
 * `connect` command. Errors: `ControlTlsError`, `X509Error`.
 */
export function clientDriver(options: ClientDriverOptions): EngineDriver<ClientSessions> {
  const { profile, datapath, clock, log } = options
  const context = clientTlsContext({
    ...(profile.certificate === undefined ? {} : { certificateChain: profile.certificate }),
    ...(profile.privateKey === undefined ? {} : { privateKey: profile.privateKey }),
    minimum: profile.tlsVersionMin === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    maximum: 'TLSv1.3',
    ciphers: TLS_SUITES,
  })
  const settings = { tunnelMtu: profile.tunMtu ?? DEFAULT_TUNNEL_MTU, renegotiationBytes: 0 }
  const engine = clientEngine(profile, clock, options.announcement)
  const judge = serverJudge(profile, clock.unixSeconds)
  const driverOptions = {
    engine,
    datapath,
    tlsContext: () => context,
    flowSettings: () => settings,
    clock,
    log,
  }
  return new EngineDriver(driverOptions, driver => new ClientSessions({ ...options, judge }, driver))
}
