import { parseHex } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { isIpFrame } from './ppp-frame.ts'

const frame = (text: string) => parseHex(text) as Uint8Array

describe('a PPP frame', () => {
  it.each(['ff03002145', 'ff032145', '002145', '2145', 'ff03005760', 'ff035760', '005760', '5760', '0021'])(
    '%s holds IP',
    text => expect(isIpFrame(frame(text))).toBe(true),
  )

  it.each(['ff03c021', 'c021', '8021', '8057', 'c223', 'c227', 'ff03', 'ff', '00', '', '002d'])(
    '%j does not',
    text => expect(isIpFrame(frame(text))).toBe(false),
  )
})
