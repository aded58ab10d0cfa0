import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { AUTHENTICATION_MS, HANDSHAKE_MS } from './limits.ts'
import { OpenVpnError } from './openvpn-error.ts'
import type { OpenVpnRequest } from './output.ts'
import type { PushOptions } from './push-options.ts'
import { connect, createDuo, type Duo, letIn, PUSHED } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'

const denied = (temporary: boolean) => (request: OpenVpnRequest) =>
  request.type === 'authenticate' ? { type: 'deny' as const, reason: 'not you', temporary } : letIn(request)

/** What the client was asked to configure. */
function configured({ clientSide }: Duo): PushOptions {
  const request = clientSide.requests.find(({ type }) => type === 'configure')
  if (request?.type !== 'configure') throw new Error('nothing was configured')
  return request.options
}

describe('authentication', () => {
  // client                               server
  // key method 2             ─────────▶  authenticate?
  //                          ◀─────────  key method 2
  //                          ◀─────────  AUTH_FAILED,not you
  it('that fails is told with its reason, and no flow is opened', () => {
    const duo = createDuo({ decide: denied(false) })
    expect(connect(duo)).toBe(false)
    expect(duo.clientSide.eventsOf('refused')).toEqual([
      { type: 'refused', reason: 'authentication failed: not you' },
    ])
    expect(duo.serverSide.eventsOf('refused')).toEqual([{ type: 'refused', reason: 'not you' }])
    expect([duo.server.sessionCount, duo.server.halfOpenCount, duo.serverSide.tls.size]).toEqual([0, 0, 0])
  })

  it('that fails for now is told as temporary', () => {
    const duo = createDuo({ decide: denied(true) })
    duo.clientSide.recordsPlaintext = true
    connect(duo)
    expect(duo.clientSide.plaintext.join('')).toContain('AUTH_FAILED,TEMP:not you')
  })

  it('that fails for now is told plainly to clients that know no temporary failure', () => {
    const duo = createDuo({ decide: denied(true), client: { peerInfo: new Map([['IV_PROTO', '2']]) } })
    duo.clientSide.recordsPlaintext = true
    connect(duo)
    expect(duo.clientSide.plaintext.join('')).toContain('AUTH_FAILED,not you')
  })

  it('that is not answered ends in a temporary failure', () => {
    const unanswered = (request: OpenVpnRequest) =>
      request.type === 'authenticate' ? undefined : letIn(request)
    const duo = createDuo({ decide: unanswered, client: { connectMs: 2 * AUTHENTICATION_MS } })
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.advance(AUTHENTICATION_MS + 10_000)
    expect(duo.serverSide.eventsOf('refused')).toMatchObject([{ reason: 'Authentication took too long' }])
    duo.pair.b.command({ type: 'reply', id: 1, reply: { type: 'allow', options: PUSHED } })
    duo.pair.advance(100)
    expect([duo.server.sessionCount, duo.serverSide.flows.size]).toEqual([0, 0])
  })

  it('fails where no cipher is common', () => {
    const duo = createDuo({ client: { dataCiphers: ['AES-192-GCM'] } })
    connect(duo)
    expect(duo.clientSide.eventsOf('refused')).toMatchObject([
      { reason: 'authentication failed: No common data cipher' },
    ])
  })

  it('does not begin when the server is not trusted: no password leaves', () => {
    const duo = createDuo({
      client: { credentials: { username: 'u', password: 'p' } },
      decide: request =>
        request.type === 'verify-server' ? { type: 'distrust', reason: 'wrong name' } : letIn(request),
    })
    expect(connect(duo)).toBe(false)
    expect(duo.clientSide.eventsOf('refused')).toEqual([{ type: 'refused', reason: 'wrong name' }])
    expect(duo.serverSide.requests).toEqual([])
    duo.pair.advance(HANDSHAKE_MS)
    expect(duo.serverSide.eventsOf('refused')).toMatchObject([{ reason: 'the handshake took too long' }])
    expect(duo.server.halfOpenCount).toBe(0)
  })
})

describe('what is pushed', () => {
  const routes = Array.from({ length: 200 }, (_, i) => parseIpPrefix(`10.${i}.0.0/16`) as IpPrefix)
  const many = (request: OpenVpnRequest) =>
    request.type === 'authenticate'
      ? { type: 'allow' as const, options: { ...PUSHED, routes } }
      : letIn(request)

  it('arrives, negotiated parts included', () => {
    const duo = createDuo()
    connect(duo)
    expect(configured(duo)).toMatchObject({
      ipv4: PUSHED.ipv4,
      negotiated: {
        cipher: 'AES-256-GCM',
        peerId: 0,
        pingSeconds: 10,
        pingRestartSeconds: 60,
        protocolFlags: ['cc-exit', 'tls-ekm', 'dyn-tls-crypt'],
      },
    })
  })

  it('asks for exit notices over UDP only', () => {
    for (const [transport, exitNotices] of [
      ['udp', 1],
      ['stream', undefined],
    ] as const) {
      const duo = createDuo({ transport })
      expect(connect(duo)).toBe(true)
      expect([transport, configured(duo).negotiated?.exitNotices]).toEqual([transport, exitNotices])
    }
  })

  it('is refused as a defect when it cannot be, and the request stays open with nothing taken', () => {
    const unanswered = (request: OpenVpnRequest) =>
      request.type === 'authenticate' ? undefined : letIn(request)
    const duo = createDuo({ decide: unanswered })
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.run(() => duo.serverSide.requests.length === 1, 10_000)
    const allow = (options: PushOptions): void =>
      duo.server.handleCommand(
        { type: 'reply', id: 1, reply: { type: 'allow', options } },
        duo.pair.clock.now,
      )
    expect(() => allow({ ...PUSHED, dnsSearchDomains: ['a,route 0.0.0.0'] })).toThrow(OpenVpnError)
    expect([duo.server.sessionCount, duo.server.halfOpenCount, duo.serverSide.flows.size]).toEqual([0, 1, 0])
    allow(PUSHED)
    duo.pair.advance(1000)
    expect(duo.serverSide.flow.peerId).toBe(0)
    expect(dataPasses(duo.serverSide.flow, duo.clientSide.flow)).toBe(true)
  })

  it('spans messages when it is long', () => {
    const duo = createDuo({ decide: many })
    expect(connect(duo)).toBe(true)
    expect(configured(duo).routes).toHaveLength(200)
  })

  // A client without IV_PROTO's REQUEST_PUSH asks; each PUSH_REQUEST before the decision counts once.
  it('waits for the PUSH_REQUEST of clients that do not say they need none', () => {
    const duo = createDuo({ client: { peerInfo: new Map([['IV_PROTO', '2']]) } })
    duo.serverSide.recordsPlaintext = true
    expect(connect(duo)).toBe(true)
    expect(duo.serverSide.plaintext.join('')).toContain('PUSH_REQUEST')
    expect(configured(duo).negotiated?.protocolFlags).toEqual([])
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
  })

  it('is peer-id-less, and keyed by the old PRF, for the one-line peer-info of Azure VPN Client', () => {
    const peerInfo = new Map([['IV_PROTO', '1']])
    const duo = createDuo({ client: { peerInfo } })
    expect(connect(duo)).toBe(true)
    expect(duo.serverSide.flow.peerId).toBeUndefined()
    expect(duo.clientSide.flow.peerId).toBeUndefined()
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
  })

  it('has the epoch format where both offer it', () => {
    const duo = createDuo({ client: { epochData: true }, server: { epochData: true } })
    expect(connect(duo)).toBe(true)
    expect(configured(duo).negotiated?.protocolFlags).toContain('aead-epoch')
    expect(duo.serverSide.flow.keys.get(0)).toMatchObject({ format: 'epoch' })
    expect(dataPasses(duo.serverSide.flow, duo.clientSide.flow)).toBe(true)
  })

  it('has no epoch format where one does not', () => {
    const duo = createDuo({ client: { epochData: false }, server: { epochData: true } })
    expect(connect(duo)).toBe(true)
    expect(duo.serverSide.flow.keys.get(0)).toMatchObject({ format: 'standard' })
  })

  it('has a CBC cipher with the digest of the client', () => {
    const ciphers = { dataCiphers: ['AES-256-CBC'] as const }
    const duo = createDuo({ client: { ...ciphers, digest: 'SHA512' }, server: ciphers })
    expect(connect(duo)).toBe(true)
    expect(duo.serverSide.flow.keys.get(0)).toMatchObject({ cipher: 'AES-256-CBC', digest: 'SHA512' })
    expect(dataPasses(duo.serverSide.flow, duo.clientSide.flow)).toBe(true)
  })
})
