import { describe, expect, it } from 'vitest'
import { MESSAGE_TYPES, type SstpMessageType } from '../wire/message.ts'
import { CALL_STAGES, callRule, isEstablishing, isLive } from './call-stage.ts'

function table(role: 'server' | 'client'): string {
  const types = Object.keys(MESSAGE_TYPES) as SstpMessageType[]
  const marks = { take: 'T', refuse: 'R', ignore: '.' }
  const row = (type: SstpMessageType) =>
    CALL_STAGES.map(stage => marks[callRule(role, type, stage)]).join(' ')
  return types.map(type => `${row(type)}  ${type}`).join('\n')
}

describe('what a message does in each stage', () => {
  // Columns: opening, binding, connected, closing, disconnecting, disconnect-answered, aborting, abort-answered.
  it('of a server is [MS-SSTP] §3.3.5.2', () => {
    expect(table('server')).toBe(
      [
        'T R R R . . . .  call-connect-request',
        'R R R R . . . .  call-connect-ack',
        'R R R R . . . .  call-connect-nak',
        'R T R . . . . .  call-connected',
        'T T T T T . T .  call-abort',
        'T T T T T . . .  call-disconnect',
        'R R R R T . . .  call-disconnect-ack',
        'R R T T . . . .  echo-request',
        'R R T . . . . .  echo-response',
      ].join('\n'),
    )
  })

  it('of a client is §3.2.5.3', () => {
    expect(table('client')).toBe(
      [
        'R R R R . . . .  call-connect-request',
        'T R R R . . . .  call-connect-ack',
        'T R R R . . . .  call-connect-nak',
        'R R R R . . . .  call-connected',
        'T T T T T . T .  call-abort',
        'T T T T T . . .  call-disconnect',
        'R R R R T . . .  call-disconnect-ack',
        'R R T T . . . .  echo-request',
        'R R T . . . . .  echo-response',
      ].join('\n'),
    )
  })

  it('knows which stages live, and which come before the call is connected', () => {
    expect(CALL_STAGES.filter(isLive)).toEqual(['opening', 'binding', 'connected', 'closing'])
    expect(CALL_STAGES.filter(isEstablishing)).toEqual(['opening', 'binding'])
  })
})
