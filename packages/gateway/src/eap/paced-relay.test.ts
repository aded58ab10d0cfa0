import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../authentication/identity.ts'
import { SignInPace } from '../authentication/sign-in-pace.ts'
import { PacedRelay } from './paced-relay.ts'
import type { RelayedEap } from './sign-in-relay.ts'

const SOURCE = parseIpAddress('203.0.113.7') as IpAddress
const PACKET = Uint8Array.of(2, 1, 0, 5, 1)
const FREE = 6
const GOES_ON: RelayedEap = { type: 'forwarded', packet: PACKET }

let pace: SignInPace
/** What the server answers, or how it fails. */
let answer: () => Promise<RelayedEap>
let asked: number

beforeEach(() => {
  pace = new SignInPace(() => 0)
  asked = 0
})

function relay(): PacedRelay {
  const forward = () => {
    asked++
    return answer()
  }
  return new PacedRelay({ forward, mschapv2: () => Promise.reject(new Error('not asked')) }, pace, SOURCE)
}

function judged(verdict: Verdict): RelayedEap {
  return { type: 'judged', verdict, keys: undefined, msk: undefined }
}

/** How many of a hundred conversations reached the server. */
async function reached(converse: (own: PacedRelay) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 100; i++) await converse(relay())
  return asked
}

const forward = (own: PacedRelay) => own.forward(PACKET, 'alice')

test('a refusal counts, and whoever has to wait is told so in its place', async () => {
  const refusal = { type: 'deny', reason: 'no', userReason: 'no', temporary: false } as const
  answer = () => Promise.resolve(judged(refusal))
  expect(await reached(forward)).toBe(FREE)
  expect(await forward(relay())).toMatchObject({
    type: 'judged',
    verdict: { type: 'deny', reason: expect.stringMatching(/^too many failed sign-ins of user "alice"/) },
  })
})

test('a server that cannot be asked, and one that lets in, count for nothing', async () => {
  answer = () => Promise.reject(new Error('a defect'))
  expect(await reached(own => expect(forward(own)).rejects.toThrow('a defect'))).toBe(100)
  const identity = { user: 'alice', description: '', thumbprint: undefined }
  answer = () => Promise.resolve(judged({ type: 'allow', identity }))
  expect(await reached(forward)).toBe(200)
})

test('who leaves before the verdict has failed, also while the server is being asked', async () => {
  answer = () => Promise.resolve(GOES_ON)
  const left = async (own: PacedRelay) => {
    await forward(own)
    own.close()
  }
  expect(await reached(left)).toBe(FREE)
  pace = new SignInPace(() => 0)
  const leaves = async (own: PacedRelay) => {
    const going = forward(own)
    own.close()
    await going
  }
  expect(await reached(leaves)).toBe(2 * FREE)
})

test('who leaves while the server lets it in has not failed', async () => {
  const identity = { user: 'alice', description: '', thumbprint: undefined }
  answer = () => Promise.resolve(judged({ type: 'allow', identity }))
  const leaves = async (own: PacedRelay) => {
    const going = forward(own)
    own.close()
    await going
  }
  expect(await reached(leaves)).toBe(100)
})

test('one that has asked nothing leaves nothing behind', async () => {
  answer = () => Promise.resolve(GOES_ON)
  expect(await reached(own => Promise.resolve(own.close()))).toBe(0)
  await forward(relay())
  expect(asked).toBe(1)
})

/** What a peer sends amid methods. */
const MSCHAPV2 = { response: Uint8Array.of(2, 2, 0, 6, 26, 2), success: Uint8Array.of(2, 3, 0, 6, 26, 3) }
const PEAP = Uint8Array.of(2, 2, 0, 6, 25, 0)

test('who is let try again within one conversation has failed with each password but the last', async () => {
  answer = () => Promise.resolve(GOES_ON)
  const own = relay()
  await forward(own)
  for (let i = 0; i < 100; i++) await own.forward(MSCHAPV2.response, 'alice')
  expect(asked).toBe(1 + FREE)
  expect(await own.forward(MSCHAPV2.response, 'alice')).toMatchObject({
    type: 'judged',
    verdict: { type: 'deny' },
  })
})

test.each([
  ['that proves the name outside', MSCHAPV2.success, true],
  ['that may be of somebody else than the name outside', PEAP, false],
])('a success %s: whether it clears what was held against the name', async (_what, last, clears) => {
  const identity = { user: 'mallory', description: '', thumbprint: undefined }
  const refusal = { type: 'deny', reason: 'no', userReason: 'no', temporary: false } as const
  const converse = async (packet: Uint8Array, verdict: Verdict) => {
    answer = () => Promise.resolve(judged(verdict))
    await relay().forward(packet, 'alice')
  }
  for (let i = 0; i < 50; i++) {
    await converse(MSCHAPV2.response, refusal)
    await converse(MSCHAPV2.response, refusal)
    await converse(last, { type: 'allow', identity })
  }
  expect(asked === 150).toBe(clears)
})
