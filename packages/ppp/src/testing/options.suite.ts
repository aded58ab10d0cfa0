import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import type { PppNetwork } from '../link-command.ts'
import { PPP_DEFAULTS, type PppClientOptions, type PppServerOptions } from '../link-options.ts'

export const address = (text: string): IpAddress => parseIpAddress(text) as IpAddress

/** Both families, two name servers. */
export const NETWORK: Required<PppNetwork> = {
  ipv4: {
    local: address('10.9.0.1'),
    peer: address('10.9.0.77'),
    dnsServers: [address('10.9.0.53'), address('2001:db8::53'), address('10.9.0.54')],
  },
  ipv6: {
    local: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1),
    peer: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x4d),
  },
}

/** A server's that offers EAP first. */
export function serverOptions(seed: number | string, more: Partial<PppServerOptions> = {}): PppServerOptions {
  return {
    ...PPP_DEFAULTS,
    role: 'server',
    crypto: createSeededCrypto(`${seed} server`),
    mru: 1400,
    authentication: ['eap', 'chap-mschapv2', 'pap'],
    name: 'gateway.test',
    ...more,
  }
}

export function clientOptions(seed: number | string, more: Partial<PppClientOptions> = {}): PppClientOptions {
  return {
    ...PPP_DEFAULTS,
    role: 'client',
    crypto: createSeededCrypto(`${seed} client`),
    mru: 1450,
    authentication: ['eap', 'chap-mschapv2', 'pap'],
    ipv4: true,
    ipv6: true,
    ...more,
  }
}
