import { expect, test } from 'vitest'
import { programOf } from './program-name.ts'

const program = (info: Record<string, string>) => programOf(new Map(Object.entries(info)))

test('a program is called by its user interface, OpenVPN and the system', () => {
  const info = { IV_GUI_VER: 'OpenVPN_GUI_11.48.0.0', IV_VER: '2.6.12', IV_PLAT: 'win' }
  expect(program(info)).toBe('OpenVPN_GUI_11.48.0.0, OpenVPN 2.6.12, win')
  expect(program({ IV_VER: '3.9' })).toBe('OpenVPN 3.9')
  expect(program({})).toBe('')
})

test('it has no room for a message to the user', () => {
  const message = 'x\n<b>Your IT: press "Continue" now, this is safe\u202e and was asked for by us</b>'
  const said = program({ IV_GUI_VER: message, IV_VER: message, IV_PLAT: message })
  expect(said).toMatch(/^[\w .+()?,-]*$/)
  expect(said.length).toBeLessThanOrEqual(3 * 40 + 4)
})
