import { describe, expect, it } from 'vitest'
import type { OpenVpnReply } from './command.ts'
import { OpenVpnError } from './openvpn-error.ts'
import { AUTH_TOKEN_BYTES } from './options/push-reply.ts'
import type { OpenVpnRequest } from './output.ts'
import type { AuthToken } from './push-options.ts'
import { connect, createDuo, type Duo, type DuoOptions, letIn, PUSHED } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'

const CREDENTIALS = { username: 'anna', password: 'one-time' }

/** Lets everyone in and gives the next of these tokens each time. */
function giving(tokens: readonly (AuthToken | undefined)[]): (request: OpenVpnRequest) => OpenVpnReply {
  let times = 0
  return request => {
    if (request.type !== 'authenticate') return letIn(request)
    const authToken = tokens[times++]
    return { type: 'allow', options: PUSHED, ...(authToken && { authToken }) }
  }
}

function createTokenDuo(tokens: readonly (AuthToken | undefined)[], options: DuoOptions = {}): Duo {
  const client = { credentials: CREDENTIALS, ...options.client }
  const duo = createDuo({ ...options, client, decide: options.decide ?? giving(tokens) })
  duo.clientSide.recordsPlaintext = true
  return duo
}

function renewKey(duo: Duo, side: 'a' | 'b'): void {
  duo.pair.advance(5000)
  duo.pair[side].command({ type: 'renegotiate', session: 1 })
  duo.pair.advance(5000)
}

/** What the client said that it is, each time that it was asked. */
const shown = ({ serverSide }: Duo): (string | undefined)[] =>
  serverSide.requests.map(r => (r.type === 'authenticate' ? `${r.username} ${r.password}` : undefined))

describe('a token', () => {
  // client                               server
  // anna, one-time           ─────────▶  allow, token T
  //                          ◀─────────  PUSH_REPLY,…,auth-token T
  // SOFT_RESET
  // anna, T                  ─────────▶  allow
  it.each(['a', 'b'] as const)('is sent in place of the password with the next key, begun by %s', side => {
    const duo = createTokenDuo([{ token: 'T-1' }])
    expect(connect(duo)).toBe(true)
    renewKey(duo, side)
    renewKey(duo, side)
    expect(shown(duo)).toEqual(['anna one-time', 'anna T-1', 'anna T-1'])
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
  })

  it('goes with the name that the server gives, base64 in the push', () => {
    const duo = createTokenDuo([{ token: 'T', username: 'Anna Müller' }])
    expect(connect(duo)).toBe(true)
    renewKey(duo, 'a')
    expect(duo.clientSide.plaintext.join('')).toContain(',auth-token T,auth-token-user QW5uYSBNw7xsbGVy')
    expect(shown(duo)[1]).toBe('Anna Müller T')
  })

  it('of a client without a password is sent when it came with a name, and not else', () => {
    for (const [token, second] of [
      [
        { token: 'T', username: 'u' },
        { username: 'u', password: 'T' },
      ],
      [{ token: 'T' }, { username: undefined, password: undefined }],
    ] as const) {
      const duo = createDuo({ decide: giving([token]) })
      expect(connect(duo)).toBe(true)
      renewKey(duo, 'a')
      expect(duo.serverSide.requests[1]).toMatchObject(second)
    }
  })

  // client                               server
  // SOFT_RESET; anna, T-1    ─────────▶  allow, token T-2
  //                          ◀─────────  PUSH_REPLY,auth-token T-2
  it('is replaced at a renegotiation, and nothing else is pushed then', () => {
    const duo = createTokenDuo([{ token: 'T-1', username: 'u' }, { token: 'T-2' }, undefined])
    expect(connect(duo)).toBe(true)
    duo.clientSide.plaintext.length = 0
    renewKey(duo, 'a')
    expect(duo.clientSide.plaintext.at(-1)).toBe('PUSH_REPLY,auth-token T-2\0')
    renewKey(duo, 'b')
    renewKey(duo, 'a')
    expect(shown(duo)).toEqual(['anna one-time', 'u T-1', 'u T-2', 'u T-2'])
    expect(duo.clientSide.requests.filter(({ type }) => type === 'configure')).toHaveLength(1)
  })

  it('never reaches what configures the client, or an event', () => {
    const duo = createTokenDuo([{ token: 'secret-token' }])
    expect(connect(duo)).toBe(true)
    renewKey(duo, 'a')
    expect(JSON.stringify([duo.clientSide.requests, duo.clientSide.events])).not.toContain('secret-token')
    expect(JSON.stringify(duo.serverSide.events)).not.toContain('secret-token')
  })

  it('is remembered for the next session, once', () => {
    const duo = createTokenDuo([{ token: 'T' }])
    expect(connect(duo)).toBe(true)
    duo.pair.b.command({ type: 'disconnect', session: 1, manner: 'restart', reason: 'come back' })
    duo.pair.advance(5000)
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.advance(2000)
    // The second session lives and has the token: it is not the third's too.
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.advance(2000)
    expect(shown(duo)).toEqual(['anna one-time', 'anna T', 'anna one-time'])
    expect(duo.serverSide.requests[1]).toMatchObject({ renegotiation: false })
  })

  it('is forgotten when the server refuses, and kept when it refuses for now', () => {
    for (const [temporary, next] of [
      [false, 'anna one-time'],
      [true, 'anna T'],
    ] as const) {
      let times = 0
      const decide = (request: OpenVpnRequest): OpenVpnReply => {
        if (request.type !== 'authenticate' || times > 1) return letIn(request)
        if (times++ === 0) return { type: 'allow', options: PUSHED, authToken: { token: 'T' } }
        return { type: 'deny', reason: 'expired', temporary }
      }
      const duo = createTokenDuo([], { decide })
      expect(connect(duo)).toBe(true)
      renewKey(duo, 'a')
      expect(duo.client.sessionCount).toBe(0)
      duo.pair.a.command({ type: 'connect', path: duo.clientPath })
      duo.pair.advance(2000)
      expect(shown(duo)).toEqual(['anna one-time', 'anna T', next])
    }
  })

  it('gives way to credentials for this session', () => {
    const duo = createTokenDuo([{ token: 'T' }])
    expect(connect(duo)).toBe(true)
    duo.pair.b.command({ type: 'disconnect', session: 1, manner: 'restart', reason: 'come back' })
    duo.pair.advance(5000)
    const credentials = { username: 'bert', password: 'new' }
    duo.pair.a.command({ type: 'connect', path: duo.clientPath, credentials })
    duo.pair.advance(2000)
    expect(shown(duo)[1]).toBe('bert new')
  })

  it.each([
    { token: '' },
    { token: 'a b' },
    { token: 'a,route 0.0.0.0' },
    { token: 'a"' },
    { token: "a'" },
    { token: 'a\\' },
    { token: 'a\n' },
    { token: 'ä' },
    { token: 'x'.repeat(AUTH_TOKEN_BYTES + 1) },
    { token: 'x', username: '' },
    { token: 'x', username: 'a\0' },
    { token: 'x', username: 'ü'.repeat(64) },
  ])('that cannot be pushed is a defect, and the request stays open: %j', authToken => {
    const decide = (request: OpenVpnRequest) => (request.type === 'authenticate' ? undefined : letIn(request))
    const duo = createDuo({ decide })
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.run(() => duo.serverSide.requests.length === 1, 10_000)
    const allow = (reply: OpenVpnReply): void =>
      duo.server.handleCommand({ type: 'reply', id: 1, reply }, duo.pair.clock.now)
    expect(() => allow({ type: 'allow', options: PUSHED, authToken })).toThrow(OpenVpnError)
    allow({ type: 'allow', options: PUSHED, authToken: { token: 'x'.repeat(AUTH_TOKEN_BYTES) } })
    duo.pair.advance(1000)
    expect(duo.server.sessionCount).toBe(1)
  })
})
