import { createNodeCrypto } from '@causeway/crypto-node'
import {
  createOpenVpnServer,
  DATA_CIPHERS,
  type DataCipher,
  type OpenVpnServer,
  type OpenVpnServerOptions,
} from '@causeway/openvpn'
import type { GatewayIdentity, OpenVpnConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'

/** What the engine asks the gateway for, each time anew. */
export interface ServerEngineOptions {
  readonly configuration: () => OpenVpnConfiguration
  readonly identity: GatewayIdentity
  readonly clock: Clock
  /** Whether the gateway is about to stop, and begins no session any more. */
  readonly draining: () => boolean
}

/**
 * The OpenVPN server engine for a gateway. Ciphers, times and control channel wraps are looked up
 * each time, so that a change of configuration holds for sessions to come.
 */
export function serverEngine(options: ServerEngineOptions): OpenVpnServer {
  return createOpenVpnServer(serverOptions(options))
}

function serverOptions({
  configuration,
  identity,
  clock,
  draining,
}: ServerEngineOptions): OpenVpnServerOptions {
  const wraps = presentWraps(configuration, identity)
  return {
    crypto: createNodeCrypto(),
    unixSeconds: clock.unixSeconds,
    fallbackDigest: 'SHA1',
    epochData: true,
    get wraps() {
      return wraps()
    },
    get draining() {
      return draining()
    },
    get dataCiphers() {
      return configuration().dataCiphers.filter(isDataCipher)
    },
    get fallbackCipher() {
      const { fallbackCipher } = configuration()
      return isDataCipher(fallbackCipher) ? fallbackCipher : 'AES-256-GCM'
    },
    get pingSeconds() {
      return configuration().pingSeconds
    },
    get pingRestartSeconds() {
      return configuration().pingRestartSeconds
    },
    get renegotiationSeconds() {
      return configuration().renegotiationSeconds
    },
  }
}

/** The wraps of the present configuration: the same object as long as they are the same set. */
function presentWraps(
  configuration: () => OpenVpnConfiguration,
  identity: GatewayIdentity,
): () => OpenVpnServerOptions['wraps'] {
  let made = { from: configuration().wraps, wraps: serverWraps(configuration(), identity) }
  return () => {
    const present = configuration()
    if (present.wraps !== made.from) made = { from: present.wraps, wraps: serverWraps(present, identity) }
    return made.wraps
  }
}

function serverWraps(
  { wraps }: OpenVpnConfiguration,
  identity: GatewayIdentity,
): OpenVpnServerOptions['wraps'] {
  const { tlsAuthKey, tlsCryptKey, tlsCryptV2ServerKey } = identity
  return {
    ...(wraps.has('tls-auth') ? { tlsAuth: tlsAuthOf(tlsAuthKey) } : {}),
    ...(wraps.has('tls-crypt') ? { tlsCrypt: { staticKey: tlsCryptKey } } : {}),
    ...(wraps.has('tls-crypt-v2') ? { tlsCryptV2: { serverKey: tlsCryptV2ServerKey } } : {}),
    allowNone: wraps.has('none'),
  }
}

/** Azure's profile says SHA256 and direction 1; other profiles leave both out, or say otherwise. */
function tlsAuthOf(staticKey: Uint8Array): NonNullable<OpenVpnServerOptions['wraps']['tlsAuth']> {
  return { staticKey, digests: ['SHA256', 'SHA1', 'SHA512'], directions: [0, 'bidirectional'] }
}

function isDataCipher(name: string): name is DataCipher {
  return Object.hasOwn(DATA_CIPHERS, name)
}
