import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from './certificates.ts'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { formatBlock } from './profile.ts'
import { scratchDirectory } from './scratch.ts'
import { runOk } from './shell.ts'

export interface OpenVpnServerOptions {
  readonly namespace: Namespace
  readonly protocol: 'udp' | 'tcp'
  readonly port: number
  readonly authority: Credential
  readonly server: Credential
  /** The tls-auth key's path, from `createStaticKey`. */
  readonly staticKeyPath: string
  /** The pool; the server takes its first address. */
  readonly pool?: { readonly network: string; readonly mask: string }
  /** Further configuration lines. */
  readonly lines?: readonly string[]
}

/** Debian's own `openvpn` as the server: what Causeway is measured against. */
export async function startOpenVpnServer(options: OpenVpnServerOptions): Promise<RunningProcess> {
  const directory = scratchDirectory('s')
  const path = join(directory, 'server.conf')
  writeFileSync(path, serverConfig(options), { mode: 0o600 })
  const server = start('openvpn', ['--config', path], {
    title: `openvpn server ${options.protocol}`,
    namespace: options.namespace,
    cwd: directory,
  })
  await server.waitFor(/Initialization Sequence Completed/)
  return server
}

/** The profile of a client of that server, in the same form as Azure's. */
export function openVpnServerProfile(
  options: OpenVpnServerOptions,
  address: string,
  client: Credential,
): string {
  return [
    'client',
    `remote ${address} ${options.port}`,
    `verify-x509-name '${options.server.commonName}' name`,
    'remote-cert-tls server',
    'dev tun',
    `proto ${options.protocol}`,
    'nobind',
    'auth SHA256',
    'cipher AES-256-GCM',
    'disable-dco',
    'persist-key',
    'persist-tun',
    'tls-version-min 1.2',
    'key-direction 1',
    block('ca', options.authority.certificatePath),
    block('tls-auth', options.staticKeyPath),
    block('cert', client.certificatePath),
    block('key', client.keyPath),
    '',
  ].join('\n')
}

function block(name: string, path: string): string {
  return formatBlock(name, readFileSync(path, 'utf8'))
}

export async function createStaticKey(): Promise<string> {
  const path = join(scratchDirectory('k'), 'static.key')
  await runOk('openvpn', ['--genkey', 'secret', path])
  return path
}

function serverConfig(options: OpenVpnServerOptions): string {
  const { network, mask } = options.pool ?? { network: '10.8.0.0', mask: '255.255.0.0' }
  return [
    'dev tun0',
    'dev-type tun',
    'disable-dco', // no such kernel module here; userspace is what is compared
    `proto ${options.protocol === 'tcp' ? 'tcp-server' : 'udp'}`,
    `port ${options.port}`,
    `server ${network} ${mask}`,
    'topology subnet',
    'max-clients 4000',
    'keepalive 10 60',
    'duplicate-cn',
    'auth SHA256',
    'data-ciphers AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305:AES-256-CBC',
    'dh none',
    `ca ${options.authority.certificatePath}`,
    `cert ${options.server.certificatePath}`,
    `key ${options.server.keyPath}`,
    `tls-auth ${options.staticKeyPath} 0`,
    'push "route 10.1.0.0 255.255.255.0"',
    ...(options.protocol === 'tcp' ? ['tcp-nodelay'] : []), // its manual's advice; without it a ping takes 16 ms
    'verb 3',
    ...(options.lines ?? []),
    '',
  ].join('\n')
}
