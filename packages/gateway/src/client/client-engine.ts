import { createNodeCrypto } from '@causeway/crypto-node'
import {
  type ClientAnnouncement,
  type ClientProfile,
  type ControlWrap,
  createOpenVpnClient,
  createTlsAuth,
  createTlsCrypt,
  createTlsCryptV2Client,
  type DataCipher,
  NO_WRAP,
  type OpenVpnClient,
  parseDataCipher,
} from '@causeway/openvpn'
import type { Clock } from '../engine/clock.ts'

/** Told to servers as IV_VER. */
const VERSION = 'Causeway 0.1.0'

/** Offered when the profile names none, best first. */
const DEFAULT_CIPHERS: readonly DataCipher[] = ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305']

/** Inner MTU of a profile without `tun-mtu`. */
export const DEFAULT_TUNNEL_MTU = 1500

/** From the first packet to the pushed options, before the next remote is tried. */
const CONNECT_MILLISECONDS = 15_000

/** The engine for a profile. Errors: what a key of the wrong length throws. */
export function clientEngine(
  profile: ClientProfile,
  clock: Clock,
  announcement?: ClientAnnouncement,
): OpenVpnClient {
  const crypto = createNodeCrypto()
  const { username = '', password = '' } = profile.authUserPass ?? {}
  return createOpenVpnClient({
    crypto,
    unixSeconds: clock.unixSeconds,
    wrap: controlWrap(crypto, profile),
    ...(profile.authUserPass ? { credentials: { username, password } } : {}),
    dataCiphers: dataCiphers(profile),
    digest: profile.auth,
    version: VERSION,
    tunnelMtu: profile.tunMtu ?? DEFAULT_TUNNEL_MTU,
    epochData: true,
    peerInfo: new Map([['IV_PLAT', 'linux']]),
    ...(announcement ? { announcement } : {}),
    renegotiationSeconds: profile.renegotiateSeconds ?? 0,
    connectMs: CONNECT_MILLISECONDS,
  })
}

function controlWrap(
  crypto: ReturnType<typeof createNodeCrypto>,
  { wrap, auth }: ClientProfile,
): ControlWrap {
  switch (wrap.type) {
    case 'none':
      return NO_WRAP
    case 'tls-auth':
      return createTlsAuth({ crypto, staticKey: wrap.staticKey, direction: wrap.direction, digest: auth })
    case 'tls-crypt':
      return createTlsCrypt({ crypto, staticKey: wrap.staticKey, role: 'client' })
    case 'tls-crypt-v2':
      return createTlsCryptV2Client(crypto, wrap.key)
    default:
      return wrap satisfies never
  }
}

function dataCiphers({ dataCiphers: names, cipher }: ClientProfile): readonly DataCipher[] {
  if (names.length > 0) return names.flatMap(name => parseDataCipher(name) ?? [])
  const own = cipher === undefined ? undefined : parseDataCipher(cipher)
  const others = DEFAULT_CIPHERS.filter(name => name !== own)
  return own ? [...others, own] : others
}
