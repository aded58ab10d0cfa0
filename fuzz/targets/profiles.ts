import {
  type ClientProfile,
  formatProfile,
  formatStaticKey,
  formatTlsCryptV2ClientKey,
  formatTlsCryptV2ServerKey,
  parseProfile,
  parseStaticKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
} from '@causeway/openvpn'
import { allowing, type FuzzTarget, inputText, requireSame, textSeeds } from '../target.ts'
import { SERVER_KEY, STATIC_KEY } from './keys.ts'

const azure: ClientProfile = {
  remotes: [{ host: 'gateway.example', port: 443, transport: 'tcp' }],
  serverName: { name: 'gateway.example', match: 'name' },
  requireServerUsage: true,
  auth: 'SHA256',
  cipher: 'AES-256-GCM',
  dataCiphers: [],
  ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  wrap: { type: 'tls-auth', staticKey: STATIC_KEY, direction: 1 },
  tlsVersionMin: '1.2',
  compression: 'none',
}

/** A profile that was read, and may be written, is read the same again. */
const profiles: FuzzTarget = {
  name: 'profiles',
  seeds: () =>
    textSeeds([
      formatProfile(azure),
      '<connection>\nremote a 1 udp4\n</connection>\n# c\nremote "b c" 2\nkeepalive 1 2\ncomp-lzo\nauth-user-pass',
      '<auth-user-pass>\nu\np\n</auth-user-pass>\nremote \'x\'\ndata-ciphers A:B\nverify-x509-name "a\\"b" name',
    ]),
  run: input => {
    const parsed = parseProfile(inputText(input))
    if (parsed.type === 'profile-fault') return
    const { profile } = parsed
    const text = allowing([RangeError], () => formatProfile(profile))
    if (text !== undefined)
      requireSame(parseProfile(text), { type: 'profile', profile, notices: [] }, 'a profile read again')
  },
}

const keyTexts: FuzzTarget = {
  name: 'key-texts',
  seeds: () =>
    textSeeds([
      formatStaticKey(STATIC_KEY),
      formatTlsCryptV2ServerKey(SERVER_KEY),
      formatTlsCryptV2ClientKey({
        staticKey: STATIC_KEY,
        wrappedKey: Uint8Array.from([...STATIC_KEY, ...SERVER_KEY.slice(0, 32), 0, 0x01, 0x23]),
      }),
    ]),
  run: input => {
    const text = inputText(input)
    const staticKey = parseStaticKey(text)
    if (staticKey) requireSame(parseStaticKey(formatStaticKey(staticKey)), staticKey, 'a static key')
    const serverKey = parseTlsCryptV2ServerKey(text)
    if (serverKey)
      requireSame(parseTlsCryptV2ServerKey(formatTlsCryptV2ServerKey(serverKey)), serverKey, 'a server key')
    const clientKey = parseTlsCryptV2ClientKey(text)
    if (clientKey)
      requireSame(parseTlsCryptV2ClientKey(formatTlsCryptV2ClientKey(clientKey)), clientKey, 'a client key')
  },
}

export const profileTexts: readonly FuzzTarget[] = [profiles, keyTexts]
