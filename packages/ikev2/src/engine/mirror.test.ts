import { expect, it } from 'vitest'
import { type LoneResponder, loneResponder, outputsOf, pathFrom, sentBy } from '../testing/stranger.suite.ts'
import { TERMS } from '../testing/terms.suite.ts'
import type { Ikev2Engine } from './ikev2-engine.ts'

const PEER = pathFrom('203.0.113.5')

/** The first message of a session that this end begins. */
function begun({ engine }: { readonly engine: Ikev2Engine }): Uint8Array {
  const encapsulatedPath = { ...PEER, port: 4_500, encapsulated: true }
  engine.handleCommand({ type: 'connect', session: -1, path: PEER, encapsulatedPath, terms: TERMS }, 0)
  const [first] = sentBy(outputsOf(engine))
  if (!first) throw new Error('nothing was sent')
  return first
}

/** Both ends of a shared secret are one to whoever knows it: it would be the peer's proof. */
it('our own first message is not answered when it comes back, whoever sends it', () => {
  const end: LoneResponder = loneResponder()
  const first = begun(end)
  expect(sentBy(end.hear(first, PEER))).toEqual([])
  expect(sentBy(end.hear(first, pathFrom('198.51.100.9', 4_500)))).toEqual([])
  expect(end.engine.halfOpenCount).toBe(1)
})

it('the same message is, where it is not our own', () => {
  const other = loneResponder()
  const first = begun(other)
  const end = loneResponder()
  expect(sentBy(end.hear(first, PEER))).toHaveLength(1)
})
