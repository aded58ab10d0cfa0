import type { Ikev2Request } from '@causeway/ikev2'
import { expect, test } from 'vitest'
import { address } from '../testing/test-gateway.suite.ts'
import type { InboundJudge, PeerVerdict } from './inbound-judge.ts'
import type { LiveConnection } from './live-connection.ts'
import { SiteAdmission } from './site-admission.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>

const endpoint = (text: string) => ({ address: address(text), port: 500 })

const REQUEST = {
  type: 'authenticate',
  method: 'certificate',
  path: { port: 1, remote: endpoint('192.0.2.1'), local: endpoint('198.51.100.1') },
  label: '/connections/site',
  peerChain: [Uint8Array.of(1)],
} as unknown as Authenticate

test('a peer that IKE has refused meanwhile is no client either: nobody would end what it is given', async () => {
  let answer: (verdict: PeerVerdict) => void = () => undefined
  const judge = {
    judge: () =>
      new Promise<PeerVerdict>(resolve => {
        answer = resolve
      }),
    namedBy: () => [],
  }
  const connection = {
    id: '/connections/site',
    configuration: { authentication: { type: 'certificate' } },
    judgedBy: '1',
  }
  const door = new SiteAdmission({
    judge: judge as unknown as InboundJudge,
    connections: () => [connection as unknown as LiveConnection],
    begin: () => undefined,
  })
  const late = door.admit(1, REQUEST, 0)
  door.noteRefused(1)
  answer({ type: 'refused', message: 'it is revoked' })
  expect(await late).toMatchObject({ type: 'decided', reply: { type: 'deny' } })

  const inTime = door.admit(2, REQUEST, 0)
  answer({ type: 'refused', message: 'it is revoked' })
  expect(await inTime).toMatchObject({ type: 'not-ours', meant: { reason: 'it is revoked' } })
})
