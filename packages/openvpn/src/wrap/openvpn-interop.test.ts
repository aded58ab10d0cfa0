import { spawn, spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeCrypto } from '@causeway/crypto-node'
import { afterAll, describe, expect, it } from 'vitest'
import { writeEarlyNegotiation } from '../wire/early-negotiation.ts'
import { OPCODES } from '../wire/opcode.ts'
import {
  createTlsCryptV2ClientKey,
  formatTlsCryptV2ClientKey,
  formatTlsCryptV2ServerKey,
  openClientKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  readClientKeyMetadata,
} from './client-key.ts'
import { createServerWraps, type DetectedWrap, detectWrap, type ServerWrapOptions } from './detect-wrap.ts'
import { formatStaticKey, parseStaticKey } from './static-key.ts'

const crypto = createNodeCrypto()
const folder = mkdtempSync(join(tmpdir(), 'causeway-wrap-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the real `openvpn`; a machine without it fails here, since set-up installs it. */
function openvpn(...args: string[]): void {
  const { status, error, stdout } = spawnSync('openvpn', args, { cwd: folder, encoding: 'utf8' })
  if (error) throw error
  expect([status, stdout]).toEqual([0, stdout])
}

const text = (name: string): string => readFileSync(join(folder, name), 'utf8')

openvpn('--genkey', 'secret', 'static.key')
openvpn('--genkey', 'tls-crypt-v2-server', 'server.key')
openvpn('--tls-crypt-v2', 'server.key', '--genkey', 'tls-crypt-v2-client', 'client.key')
openvpn('--tls-crypt-v2', 'server.key', '--genkey', 'tls-crypt-v2-client', 'user.key', 'aGVsbG8=')

const staticKey = parseStaticKey(text('static.key')) as Uint8Array
const serverKey = parseTlsCryptV2ServerKey(text('server.key')) as Uint8Array

describe('key files of openvpn', () => {
  it('are read, and written as they were', () => {
    expect(text('static.key')).toContain(formatStaticKey(staticKey))
    expect(formatTlsCryptV2ServerKey(serverKey)).toBe(text('server.key'))
    const client = parseTlsCryptV2ClientKey(text('client.key'))
    expect(client && formatTlsCryptV2ClientKey(client)).toBe(text('client.key'))
  })

  it('hold wrapped keys that the server key opens, with their metadata', () => {
    for (const [file, type] of [
      ['client.key', 'timestamp'],
      ['user.key', 'user'],
    ] as const) {
      const client = parseTlsCryptV2ClientKey(text(file))
      const opened = client && openClientKey(crypto, serverKey, client.wrappedKey)
      expect(opened?.staticKey).toEqual(client?.staticKey)
      const metadata = readClientKeyMetadata(opened?.metadata ?? new Uint8Array(0))
      expect(metadata.type).toBe(type)
      if (metadata.type === 'user') expect(new TextDecoder().decode(metadata.data)).toBe('hello')
      if (metadata.type === 'timestamp') expect(metadata.unixSeconds).toBeGreaterThan(1_600_000_000n)
    }
  })
})

const ours = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'timestamp', unixSeconds: 1_700_000_000n })
writeFileSync(join(folder, 'ours.key'), formatTlsCryptV2ClientKey(ours))

const CASES: readonly {
  readonly name: string
  readonly client: readonly string[]
  readonly server: ServerWrapOptions
}[] = [
  { name: 'none', client: [], server: { allowNone: true } },
  ...(['SHA1', 'SHA256', 'SHA512'] as const).flatMap(digest =>
    ([0, 'bidirectional'] as const).map(direction => ({
      name: `tls-auth ${digest} ${direction}`,
      client: ['--auth', digest, '--tls-auth', 'static.key', ...(direction === 0 ? ['1'] : [])],
      server: {
        tlsAuth: {
          staticKey,
          digests: ['SHA1', 'SHA256', 'SHA512'] as const,
          directions: [0, 'bidirectional'] as const,
        },
        allowNone: false,
      },
    })),
  ),
  {
    name: 'tls-crypt',
    client: ['--tls-crypt', 'static.key'],
    server: { tlsCrypt: { staticKey }, allowNone: false },
  },
  ...['client.key', 'ours.key'].map(key => ({
    name: `tls-crypt-v2 ${key}`,
    client: ['--tls-crypt-v2', key],
    server: { tlsCryptV2: { serverKey }, allowNone: false },
  })),
]

describe('a real openvpn client', () => {
  /*
   * openvpn ── HARD_RESET_CLIENT_V2 or V3 ──▶ we detect the wrap
   *         ◀── HARD_RESET_SERVER_V2, acks 0 ──
   *         ── CONTROL_V1 or WKC_V1 with acks 0 ──▶ it has opened our packet
   */
  it.each(CASES)('opens our packets and we open its: $name', async ({ client, server }) => {
    const wraps = createServerWraps(crypto, server)
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const peer = startClient(socket.address(), client)
    try {
      const [reset, from] = await receive(socket)
      const detected = detectWrap(wraps, reset) as DetectedWrap
      expect(detected.type).toBe('detected')
      const { packet, stamp } = detected.unwrapped
      expect(packet).toMatchObject({ keyId: 0, acks: [], packetId: 0, payload: new Uint8Array(0) })
      const sessionId = crypto.random(8)
      const isV2 = packet.opcode === OPCODES.HARD_RESET_CLIENT_V3
      const answer = detected.wrap.wrap(
        {
          opcode: OPCODES.HARD_RESET_SERVER_V2,
          keyId: 0,
          sessionId,
          acks: [0],
          remoteSessionId: packet.sessionId,
          packetId: 0,
          payload: writeEarlyNegotiation({ resendWrappedKey: isV2 }),
        },
        { packetId: 1, netTime: stamp?.netTime ?? 0 },
      )
      socket.send(answer, from.port, from.address)
      const [second] = await receive(socket, bytes => bytes[0] !== reset[0])
      const again = detectWrap(wraps, second) as DetectedWrap
      expect(again.unwrapped.packet).toMatchObject({
        opcode: isV2 ? OPCODES.CONTROL_WKC_V1 : OPCODES.CONTROL_V1,
        sessionId: packet.sessionId,
        acks: [0],
        remoteSessionId: sessionId,
      })
    } finally {
      peer.kill('SIGKILL')
      await once(peer, 'exit')
      socket.close()
    }
  })
})

function startClient({ port }: AddressInfo, wrap: readonly string[]): ReturnType<typeof spawn> {
  const fingerprint = Array(32).fill('00').join(':')
  const certificate = ['--auth-user-pass', 'user.txt', '--peer-fingerprint', fingerprint]
  writeFileSync(join(folder, 'user.txt'), 'user\npassword\n')
  const tunnel = ['--client', '--dev', 'null', '--nobind', '--proto', 'udp4']
  const args = [...tunnel, '--remote', '127.0.0.1', String(port), ...certificate, ...wrap]
  return spawn('openvpn', args, { cwd: folder, stdio: 'ignore' })
}

type Received = readonly [bytes: Uint8Array, from: { readonly address: string; readonly port: number }]

/** The next datagram that is wanted. */
async function receive(socket: Socket, wanted = (_: Uint8Array) => true): Promise<Received> {
  for (;;) {
    const [bytes, from] = await once(socket, 'message', { signal: AbortSignal.timeout(8_000) })
    if (wanted(bytes)) return [Uint8Array.from(bytes), from]
  }
}
