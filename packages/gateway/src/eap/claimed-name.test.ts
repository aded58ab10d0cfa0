import { expect, test } from 'vitest'
import { refusalReason } from './claimed-name.ts'

test('the log has who a refused peer claimed to be, in one line', () => {
  const peer = { denial: undefined, claimed: 'alice\n\u202e' }
  expect(refusalReason(peer, 'gone')).toBe('user alice\u{fffd}\u{fffd} (claimed): gone')
})

test('a peer that claimed nothing has no name, and what the policy said comes before all', () => {
  expect(refusalReason({ denial: undefined, claimed: undefined }, 'gone')).toBe('gone')
  const denied = { denial: 'RADIUS server nps refuses user alice (claimed)', claimed: 'alice' }
  expect(refusalReason(denied, 'gone')).toBe(denied.denial)
})
