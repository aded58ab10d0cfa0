import { formatTrafficSelector } from '@causeway/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Credential, createCredentials } from '../auth/credentials.suite.ts'
import { findPayload } from '../exchange/notify.ts'
import { formatSuite } from '../proposal/proposal-text.ts'
import { IKE_SUITES } from '../testing/policies.suite.ts'
import { AUTH_METHOD } from '../wire/numbers.ts'
import type { PayloadOf } from '../wire/payload.ts'
import { ANDROID, ANDROID_ESP, ANDROID_IDI, androidByEap } from './android.suite.ts'
import { INSIDE, LEASE, NativeGateway } from './gateway.suite.ts'
import { assertOffered, type FirstMessage, NativeClient, type Received } from './native-client.suite.ts'
import { espTransforms } from './transforms.suite.ts'

let server: Credential

beforeAll(async () => {
  server = (await createCredentials({ server: 'rsa-2048' })).server
})

/** A policy as users write one who do not want Android's first guess. */
const WITHOUT_GROUP_24 = IKE_SUITES.filter(({ group }) => group !== 'MODP-2048-256')
const guessOf = (group: number, bytes: number): PayloadOf<'KE'> => ({
  type: 'KE',
  group,
  data: new Uint8Array(bytes).fill(2),
})

describe('the first KE payload of Android', () => {
  it('of group 24 is taken where the policy has it', () => {
    const client = new NativeClient(new NativeGateway(server), ANDROID)
    expect([client.initialRequests, client.suite.group]).toEqual([1, 'MODP-2048-256'])
  })

  it.each<[string, FirstMessage]>([
    ['group 24', ANDROID],
    ['group 16, of 512 bytes', { ...ANDROID, guess: guessOf(16, 512) }],
    ['a group that nobody knows', { ...ANDROID, guess: guessOf(1_000, 32) }],
  ])('of %s is answered with the group that the policy has, and nothing is kept of it', (_name, look) => {
    const gateway = new NativeGateway(server, { ikeSuites: WITHOUT_GROUP_24 })
    const client = new NativeClient(gateway, look)
    expect(client.initialRequests).toBe(2)
    expect(formatSuite(client.suite)).toBe('AES-GCM-16-256/HMAC-SHA384/MODP-2048')
    expect(gateway.engine.halfOpenCount).toBe(1)
    expect(gateway.around.eventsOf('refused')).toEqual([])
    androidByEap(client)
    expect(gateway.around.eventsOf('established')).toHaveLength(1)
  })
})

describe('IKE_AUTH of Android', () => {
  it('has an identifier of bytes as IDi, which is a claim and no more', () => {
    const gateway = new NativeGateway(server)
    const client = new NativeClient(gateway, ANDROID)
    const [first, , , last] = androidByEap(client) as [Received, Received, Received, Received]
    expect(client.trusts(first)).toBe(true)
    expect(findPayload(first, 'AUTH')?.method).toBe(AUTH_METHOD.DIGITAL_SIGNATURE)
    expect(gateway.around.eventsOf('established')).toMatchObject([
      { method: 'eap', identification: ANDROID_IDI, software: '', mobike: false },
    ])
    expect(findPayload(last, 'TSi')?.selectors.map(formatTrafficSelector)).toEqual([...LEASE])
    expect(findPayload(last, 'TSr')?.selectors.map(formatTrafficSelector)).toEqual([...INSIDE])
  })

  it('gets AES-GCM among all that it proposes', () => {
    const gateway = new NativeGateway(server)
    const last = androidByEap(new NativeClient(gateway, ANDROID)).at(-1) ?? []
    expect(assertOffered(ANDROID_ESP, last).transforms).toEqual(espTransforms('aes256gcm16'))
  })
})
