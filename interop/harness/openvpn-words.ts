import type { ClientAnnouncement } from '@causeway/openvpn'

/** What a program says of itself to the server, and which data ciphers it speaks with it. */
export interface Words {
  readonly announcement: ClientAnnouncement
  readonly dataCiphers: readonly string[]
}

/** A client of `openvpn-home-main.ts`. */
export interface WordedPlan {
  /** The .ovpn text. */
  readonly profile: string
  readonly words: Words
}

/** The process for {@link WordedPlan}s. */
export const OPENVPN_HOME: URL = new URL('./openvpn-home-main.ts', import.meta.url)

/** Azure VPN Client as captured on macOS, the only capture there is: one line with spaces, and it negotiates nothing. */
export const AZURE_WORDS: Words = {
  announcement: {
    peerInfo: 'IV_VER=AzMac IV_PLAT=0.1 IV_PROTO=1 IV_PLAT_VER= IV_PLAT_DEVICE_ID=x64',
    options: [
      'V4,dev-type tun,link-mtu 1500,tun-mtu 1551,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM',
      'auth [null-digest],keysize 256,tls-auth,key-method 2,tls-client',
    ].join(','),
  },
  dataCiphers: ['AES-256-GCM'],
}

/** OpenVPN3's own names of systems. */
export type Openvpn3Platform = 'win' | 'mac' | 'ios' | 'linux' | 'android'

/** As Connect, and on Linux openvpn3-linux, calls itself. */
const GUI_VERSIONS: Readonly<Record<Openvpn3Platform, string>> = {
  win: 'OCWindows_3.4.4-3412',
  mac: 'OCmacOS_3.4.9-4830',
  ios: 'net.openvpn.connect.ios_3.4.1-5463',
  linux: 'OpenVPN3/Linux/v21',
  android: 'net.openvpn.connect.android_3.4.0-9755',
}

/**
 * OpenVPN Connect 3.4, whose core is OpenVPN3: 990 is all but epochs, push updates and the second form of `dns`; it can
 * open a browser and ask for a second factor, and lists old ciphers too.
 */
export function openvpn3Words(platform: Openvpn3Platform): Words {
  const dataCiphers = ['AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM', 'CHACHA20-POLY1305', 'AES-256-CBC']
  const peerInfo = {
    IV_VER: '3.10.1',
    IV_PLAT: platform,
    IV_NCP: '2',
    IV_TCPNL: '1',
    IV_PROTO: '990',
    IV_MTU: '1600',
    IV_CIPHERS: dataCiphers.join(':'),
    IV_GUI_VER: GUI_VERSIONS[platform],
    IV_SSO: 'webauth,crtext',
  }
  const lines = Object.entries(peerInfo).map(([name, value]) => `${name}=${value}\n`)
  const options = [
    'V4,dev-type tun,link-mtu 1521,tun-mtu 1500,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM',
    'auth [null-digest],keysize 256,tls-auth,key-method 2,tls-client',
  ]
  return { announcement: { peerInfo: lines.join(''), options: options.join(',') }, dataCiphers }
}
