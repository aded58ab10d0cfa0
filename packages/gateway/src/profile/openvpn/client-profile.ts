import { BROWSER_CREDENTIALS } from '../../authentication/sign-in-token.ts'
import type { GatewayConfiguration, GatewayIdentity, Listener } from '../../configuration.ts'

/** What a profile is filled in with. Texts in it are ours or checked: nothing in them is an option. */
export interface ProfileParts {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** Names or addresses of the gateway, best first. */
  readonly hostNames: readonly string[]
  /** Common name of the gateway's certificate. */
  readonly serverName: string
  /** PEM: the root of the gateway's certificate. */
  readonly authority: string
  /** The text of the client's own tls-crypt-v2 key. */
  readonly tlsCryptV2Key: string
}

/**
 * What asks the user for name and password. OpenVPN Connect would otherwise ask for a certificate as well, which
 * older programs do not mind.
 */
export const PASSWORD_LINES: readonly string[] = ['auth-user-pass', 'setenv CLIENT_CERT 0']

/** What Azure puts where the user is to put his certificate and key. */
export const CERTIFICATE_PLACES = { pem: '$CLIENTCERTIFICATE', privateKey: '$PRIVATEKEY' } as const

/**
 * What has OpenVPN say that it can have a page opened, and connect without asking for anything. `push-peer-info` tells
 * devices of one user apart.
 */
export const BROWSER_LINES: readonly string[] = [
  'setenv IV_SSO webauth',
  'push-peer-info',
  'setenv CLIENT_CERT 0',
  inlineBlock('auth-user-pass', Object.values(BROWSER_CREDENTIALS).join('\n')),
]

/** An inline block of an OpenVPN profile. */
export function inlineBlock(name: string, body: string): string {
  return `<${name}>\n${body.trimEnd()}\n</${name}>`
}

/** Ports of the OpenVPN listeners of one transport, each once, in their order. */
export function portsOf(listeners: readonly Listener[], transport: Listener['transport']): number[] {
  const service = transport === 'tcp' ? 'shared' : 'openvpn'
  const ports = listeners
    .filter(listener => listener.service === service && listener.transport === transport)
    .map(({ local }) => local.port)
  return [...new Set(ports)]
}
