import { readFileSync } from 'node:fs'
import { EAP_TYPES, type EapPeerReply, type EapPeerRequest, writeEapPacket } from '@causeway/eap'
import type { Continuation, MppeKeys, RadiusAnswer } from '@causeway/radius'
import { concatBytes } from '@causeway/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tlsContext } from '../../packages/eap/src/testing/credentials.suite.ts'
import { type DrivenPeer, peer } from '../../packages/eap/src/testing/two-roles.suite.ts'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { signInByPeap } from '../harness/eapol-test.ts'
import type { Freeradius } from '../harness/freeradius.ts'
import { type Certificates, createCertificates, loopback, serverAt, startServer } from './loopback.ts'
import { respond } from './mschapv2.ts'
import { createOwnClient, type OwnClient } from './own-client.ts'
import { ALICE, ALICE_PASSWORD, SECRET } from './people.ts'

// EAP methods that end at FreeRADIUS: Causeway's EAP peer, its packets carried by Causeway's RADIUS client.

let certificates: Certificates
let server: Freeradius
let client: OwnClient

beforeAll(async () => {
  certificates = await createCertificates()
  server = await startServer(certificates, 1)
  client = createOwnClient({ servers: [serverAt(1)] })
})

afterAll(async () => {
  client?.service.close()
  await server?.stop()
})

/** Carries packets between a peer and the server; the peer has heard the last one too. */
async function signIn(by: DrivenPeer, userName: string): Promise<RadiusAnswer> {
  const type = EAP_TYPES.IDENTITY
  by.receive(writeEapPacket({ code: 'request', identifier: 0, type, data: new Uint8Array(0) }))
  let continuation: Continuation | undefined
  for (let packet = by.take(); packet; packet = by.take()) {
    const credential = { type: 'eap', packet } as const
    const going = continuation ? { continuation } : {}
    const answer = await client.service.ask({ userName, credential, attributes: [], ...going })
    if ('eapPacket' in answer && answer.eapPacket) by.receive(answer.eapPacket)
    if (answer.type !== 'challenge') return answer
    continuation = answer.continuation
  }
  throw new Error(`the peer fell silent: ${JSON.stringify(by.of('failure'))}`)
}

/** RFC 2548 §2.4, RFC 3748 §7.10. */
function mskOf({ receive, send }: MppeKeys): Uint8Array {
  const both = concatBytes([receive, send])
  return concatBytes([both, new Uint8Array(64 - both.length)])
}

/** The server lets in whom it names, and peer and gateway have the same key. */
function expectIn(answer: RadiusAnswer, by: DrivenPeer, userName: string): void {
  expect(answer).toMatchObject({ type: 'accept', userName })
  const keys = answer.type === 'accept' ? answer.keys : undefined
  if (!keys) throw new Error('no keys')
  expect(by.of('success').map(({ msk }) => msk)).toEqual([mskOf(keys)])
}

describe('EAP-MSCHAPv2', () => {
  const byPassword = (identity: string, password: string): DrivenPeer =>
    peer({
      identity,
      methods: ['mschapv2'],
      decide: (request: EapPeerRequest): EapPeerReply =>
        request.type === 'mschapv2-response'
          ? respond(identity, password, request.authenticatorChallenge)
          : { type: 'distrust', reason: `no answer to ${request.type}` },
    })

  test.each(['alice', 'alice@corp.example'])('lets %s in', async name => {
    const alice = byPassword(name, ALICE_PASSWORD)
    expectIn(await signIn(alice, name), alice, ALICE)
  })

  test('by a wrong password is refused, and the server tells the peer', async () => {
    const mallory = byPassword('alice', 'wrong')
    expect(await signIn(mallory, 'alice')).toMatchObject({ type: 'reject' })
    expect(mallory.of('failure')).toMatchObject([{ reason: expect.stringMatching(/E=691/) }])
  })
})

describe('EAP-TLS', () => {
  function byCertificate({ certificatePath, keyPath }: Credential): DrivenPeer {
    const certificateChain = readFileSync(certificatePath, 'utf8')
    const privateKey = readFileSync(keyPath, 'utf8')
    return peer({
      identity: 'anybody',
      methods: ['tls'],
      tls: tlsContext('client', { certificateChain, privateKey }),
      decide: () => ({ type: 'trust' }),
    })
  }

  test('lets in whom the certificate names, not who the peer says it is', async () => {
    const carol = byCertificate(await issue(certificates.authority, { commonName: 'carol', key: 'ecp-256' }))
    expectIn(await signIn(carol, 'anybody'), carol, 'carol@corp.example')
  })

  test('with a certificate of another root is refused', async () => {
    const stranger = await createAuthority('RADIUS Root', 'ecp-256')
    const mallory = byCertificate(await issue(stranger, { commonName: 'carol', key: 'ecp-256' }))
    expect(await signIn(mallory, 'anybody')).toMatchObject({ type: 'reject' })
  })
})

describe('PEAP', () => {
  const byPassword = (password: string): Promise<string | undefined> => {
    const authority = certificates.authority.certificatePath
    return signInByPeap(loopback(1), SECRET, { outerName: 'anonymous', name: 'alice', password, authority })
  }

  test('lets in whom the inner method knows', async () => {
    expect(await byPassword(ALICE_PASSWORD)).toBe(ALICE)
  })

  test('lets no wrong password in', async () => {
    expect(await byPassword('wrong')).toBeUndefined()
  })
})
