import { describe, expect, it } from 'vitest'
import { connect, createDuo } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'

describe('connecting', () => {
  it('agrees on keys over UDP', () => {
    const duo = createDuo()
    expect(connect(duo)).toBe(true)
    const { clientSide, serverSide, server } = duo
    expect(dataPasses(clientSide.flow, serverSide.flow)).toBe(true)
    expect(dataPasses(serverSide.flow, clientSide.flow)).toBe(true)
    expect(serverSide.eventsOf('established')).toMatchObject([
      { cipher: 'AES-256-GCM', wrap: 'none', clientVersion: '2.6.14' },
    ])
    expect(server.sessionCount).toBe(1)
    expect(server.halfOpenCount).toBe(0)
  })
})
