import {
  type ControlWrap,
  createDynamicTlsCrypt,
  createServerWraps,
  createTlsAuth,
  createTlsCrypt,
  createTlsCryptV2Client,
  createTlsCryptV2Session,
  detectWrap,
  NO_WRAP,
  openClientKey,
  type TlsCryptV2ClientKey,
} from '@causeway/openvpn'
import { type FuzzTarget, requireSame } from '../target.ts'
import { PACKETS } from './control-packets.ts'
import { CLIENT_KEY, crypto, SERVER_KEY, STATIC_KEY } from './keys.ts'

const stamp = { packetId: 0x0f000001, netTime: 1_700_000_000 }

/** A wrapped key with a tag of its own, made once by `createTlsCryptV2ClientKey`'s own parts. */
const clientKey: TlsCryptV2ClientKey = {
  staticKey: CLIENT_KEY,
  wrappedKey: wrapFixedKey(),
}

/** Whatever is taken for authentic was wrapped by the key's other side, bit for bit. */
function wrapTarget(name: string, client: ControlWrap, server: ControlWrap): FuzzTarget {
  return {
    name,
    seeds: () => PACKETS.map(packet => client.wrap(packet, stamp)),
    run: input => {
      const unwrapped = server.unwrap(input)
      if (unwrapped.type === 'fault') return
      const again = client.wrap(unwrapped.packet, unwrapped.stamp ?? stamp)
      requireSame(again, input, 'an authentic packet wrapped again')
    },
  }
}

const tlsAuth = (direction: 0 | 1): ControlWrap =>
  createTlsAuth({ crypto, staticKey: STATIC_KEY, digest: 'SHA256', direction })
const tlsCrypt = (role: 'client' | 'server'): ControlWrap =>
  createTlsCrypt({ crypto, staticKey: STATIC_KEY, role })
const dynamic = (role: 'client' | 'server'): ControlWrap =>
  createDynamicTlsCrypt({ crypto, exported: CLIENT_KEY, role, wrap: tlsCrypt(role) })

const v2Client = createTlsCryptV2Client(crypto, clientKey)
const v2Server = createTlsCryptV2Session(crypto, CLIENT_KEY)

/** The server looks at the wrapped key's length only, so the bytes of the key may differ. */
const tlsCryptV2: FuzzTarget = {
  name: 'wrap-tls-crypt-v2',
  seeds: () => PACKETS.map(packet => v2Client.wrap(packet, stamp)),
  run: input => {
    const unwrapped = v2Server.unwrap(input)
    if (unwrapped.type === 'fault' || !unwrapped.stamp) return
    const again = v2Client.wrap(unwrapped.packet, unwrapped.stamp)
    const length = again.length - v2Client.overheadBytes(unwrapped.packet.opcode) + 40
    requireSame(input.subarray(0, length), again.subarray(0, length), 'an authentic packet wrapped again')
  },
}

const wrappedKeys: FuzzTarget = {
  name: 'wrapped-keys',
  seeds: () => [clientKey.wrappedKey],
  run: input => {
    const opened = openClientKey(crypto, SERVER_KEY, input)
    if (opened) requireSame(input, clientKey.wrappedKey, 'the one key that this server made')
  },
}

const everything = createServerWraps(crypto, {
  tlsAuth: { staticKey: STATIC_KEY, digests: ['SHA1', 'SHA256', 'SHA512'], directions: [0, 'bidirectional'] },
  tlsCrypt: { staticKey: STATIC_KEY },
  tlsCryptV2: { serverKey: SERVER_KEY },
  allowNone: true,
})

const detection: FuzzTarget = {
  name: 'wrap-detection',
  seeds: () =>
    [NO_WRAP, tlsAuth(1), tlsCrypt('client'), v2Client].flatMap(wrap =>
      PACKETS.map(packet => wrap.wrap(packet, stamp)),
    ),
  run: input => {
    const detected = detectWrap(everything, input)
    if (detected.type === 'fault') return
    const { wrap, unwrapped } = detected
    requireSame(wrap.unwrap(input), unwrapped, 'a packet unwrapped by the wrap that was found')
  },
}

export const wraps: readonly FuzzTarget[] = [
  wrapTarget('wrap-tls-auth', tlsAuth(1), tlsAuth(0)),
  wrapTarget('wrap-tls-crypt', tlsCrypt('client'), tlsCrypt('server')),
  wrapTarget('wrap-dynamic', dynamic('client'), dynamic('server')),
  tlsCryptV2,
  wrappedKeys,
  detection,
]

/** WKc by its specification (OpenVPN doc/tls-crypt-v2.txt), apart from the code under test. */
function wrapFixedKey(): Uint8Array {
  const length = Uint8Array.of(0x01, 0x2b)
  const plain = Uint8Array.from([...CLIENT_KEY, 1, 0, 0, 0, 0, 0x65, 0x53, 0xf1, 0])
  const tag = crypto.hmac('SHA256', SERVER_KEY.slice(64, 96), [length, plain])
  const sealed = crypto.aesCtr(SERVER_KEY.slice(0, 32), tag.slice(0, 16), plain)
  return Uint8Array.from([...tag, ...sealed, ...length])
}
