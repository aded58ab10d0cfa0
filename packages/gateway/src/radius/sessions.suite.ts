import type { SessionTerms } from '../authentication/identity.ts'
import { NO_COUNTERS, type Session } from '../session/session.ts'
import { planWithin } from '../session/user-plan.suite.ts'
import { address } from '../testing/test-gateway.suite.ts'

/** A session of no protocol. */
export interface TestSession extends Session {
  /** Why it was ended. */
  readonly ends: string[]
  packets: number
}

/** When it began. */
export const BEGUN = 0x6741_0000

const leased = (text: string) => ({ address: address(text), prefixLength: 24, gateway: address('10.8.0.1') })

export function testSession(id: string, user: string, terms: SessionTerms = {}): TestSession {
  const session: TestSession = {
    id,
    identity: { user, description: user, thumbprint: undefined },
    protocol: 'OpenVPN',
    transport: 'udp',
    cipher: '',
    clientVersion: '',
    lease: { ipv4: leased('10.8.0.2'), ipv6: leased('fd00:8::2') },
    plan: planWithin(),
    terms,
    startedAt: BEGUN,
    credentials: { tunnel: 'OpenVPN', peerChain: [], username: user, password: undefined },
    ends: [],
    packets: 0,
    outer: () => '[2001:db8::7]:1194',
    counters: () => ({ ...NO_COUNTERS, packetsReceived: session.packets, bytesReceived: 2 ** 33 + 5 }),
    end: (_manner, reason) => void session.ends.push(reason),
  }
  return session
}

/** Of whom RADIUS let in. */
export const RADIUS_TERMS: SessionTerms = {
  accounting: { userName: 'alice@corp.test', classes: [Uint8Array.of(7)] },
}
