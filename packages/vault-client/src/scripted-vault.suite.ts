import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TokenCredential } from '@azure/identity'
import { createPkcs12, formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { onTestFinished } from 'vitest'
import { createVaultClient, type VaultClient, type VaultClientOptions } from './vault-client.ts'

export const DOMAIN = 'vault.example'
export const HOST = `contoso.${DOMAIN}`
export const VERSION = '0123456789abcdef0123456789abcdef'
export const TOKEN = 'the-good-token'

/** What a vault says at a path (`/secrets/gw/VERSION`); `undefined`: it says nothing at all. */
export type Script = (
  path: string,
  method: string,
) =>
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | undefined

/** A vault that says what a test has it say, and asks for a token first. */
export interface ScriptedVault {
  readonly port: number
  readonly ca: string
  /** Paths that were asked for with a token, in order. */
  readonly asked: string[]
  readonly client: VaultClient
  /** Another client of it. */
  clientWith(options: Partial<VaultClientOptions>): VaultClient
}

export const goodCredential: TokenCredential = {
  getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }),
}

const at = Math.floor(Date.now() / 1_000)
const validity = { notBefore: at - 3_600, notAfter: at + 86_400 }
const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
const server = await issueServerCertificate(root, {
  key: 'ecdsa-p256',
  commonName: HOST,
  dnsNames: [HOST],
  ...validity,
})
/** What the vault holds: a certificate with its key, and their root. */
export const HELD = {
  certificate: server.certificate,
  privateKey: server.privateKey,
  root: root.certificate,
  notAfter: validity.notAfter,
  pkcs12: Buffer.from(
    createPkcs12({
      privateKey: server.privateKey,
      certificate: server.certificate,
      chain: [root.certificate],
      password: '',
      iterations: 1,
    }),
  ).toString('base64'),
  pem: `${server.privateKey}\n${formatPem(server.certificate)}${formatPem(root.certificate)}`,
} as const

export async function scriptedVault(script: Script, resource = `https://${DOMAIN}`): Promise<ScriptedVault> {
  const asked: string[] = []
  const listening = createServer(
    { key: server.privateKey, cert: formatPem(server.certificate) },
    (request, response) => answer(request, response, script, resource, asked),
  )
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  const ca = formatPem(root.certificate)
  const clientWith: ScriptedVault['clientWith'] = options => {
    const client = createVaultClient({
      identity: { type: 'credential', credential: goodCredential },
      domains: [DOMAIN],
      ca,
      lookup: () => ({ address: '127.0.0.1', port }),
      ...options,
    })
    onTestFinished(() => client.close())
    return client
  }
  onTestFinished(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return { port, ca, asked, client: clientWith({}), clientWith }
}

/** A vault that has one certificate, `gw`, with what a test changes of it. */
export function holding(changes: { readonly certificate?: object; readonly secret?: object } = {}): Script {
  return path => {
    if (path.startsWith('/certificates/gw'))
      return { status: 200, body: certificateBody(changes.certificate) }
    if (path.startsWith('/secrets/gw')) return { status: 200, body: secretBody(changes.secret) }
    return refused(404, 'CertificateNotFound')
  }
}

export function refused(status: number, code: string, inner?: string): { status: number; body: unknown } {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } }
  return { status, body: { error: { code, message: 'said the vault', ...innererror } } }
}

function certificateBody(changes: object = {}): object {
  return {
    id: `https://${HOST}/certificates/gw/${VERSION}`,
    sid: `https://${HOST}/secrets/gw/${VERSION}`,
    kid: `https://${HOST}/keys/gw/${VERSION}`,
    cer: Buffer.from(HELD.certificate).toString('base64'),
    attributes: { enabled: true, created: at, updated: at },
    ...changes,
  }
}

function secretBody(changes: object = {}): object {
  return {
    id: `https://${HOST}/secrets/gw/${VERSION}`,
    value: HELD.pkcs12,
    contentType: 'application/x-pkcs12',
    attributes: { enabled: true, created: at, updated: at },
    ...changes,
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  resource: string,
  asked: string[],
): void {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    const challenge = `Bearer authorization="https://login.example/tenant", resource="${resource}"`
    response.writeHead(401, { 'www-authenticate': challenge }).end('{}')
    return
  }
  const path = (request.url ?? '').split('?')[0] ?? ''
  asked.push(path)
  const said = script(path, request.method ?? '')
  if (!said) return
  response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers })
  response.end(JSON.stringify(said.body ?? {}))
}
