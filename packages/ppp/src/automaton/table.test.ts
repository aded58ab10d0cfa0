import { describe, expect, it } from 'vitest'
import { Automaton } from './automaton.ts'
import { type Action, type AutomatonEvent, EVENTS, STATES, type State, transition } from './table.ts'

/** RFC 1661 §4.1, as printed there: states 0 to 5, then 6 to 9. */
const PRINTED = [
  `
      |    0         1         2         3         4         5
 Up   |    2     irc,scr/6     -         -         -         -
 Down |    -         -         0       tls/1       0         1
 Open |  tls/1       1     irc,scr/6     3r        5r        5r
 Close|    0       tlf/0       2         2         4         4
  TO+ |    -         -         -         -       str/4     str/5
  TO- |    -         -         -         -       tlf/2     tlf/3
 RCR+ |    -         -       sta/2 irc,scr,sca/8   4         5
 RCR- |    -         -       sta/2 irc,scr,scn/6   4         5
 RCA  |    -         -       sta/2     sta/3       4         5
 RCN  |    -         -       sta/2     sta/3       4         5
 RTR  |    -         -       sta/2     sta/3     sta/4     sta/5
 RTA  |    -         -         2         3       tlf/2     tlf/3
 RUC  |    -         -       scj/2     scj/3     scj/4     scj/5
 RXJ+ |    -         -         2         3         4         5
 RXJ- |    -         -       tlf/2     tlf/3     tlf/2     tlf/3
 RXR  |    -         -         2         3         4         5`,
  `
      |    6         7         8           9
 Up   |    -         -         -           -
 Down |    1         1         1         tld/1
 Open |    6         7         8           9r
 Close|irc,str/4 irc,str/4 irc,str/4 tld,irc,str/4
  TO+ |  scr/6     scr/6     scr/8         -
  TO- | tlf/3p    tlf/3p    tlf/3p         -
 RCR+ |  sca/8   sca,tlu/9   sca/8   tld,scr,sca/8
 RCR- |  scn/6     scn/7     scn/6   tld,scr,scn/6
 RCA  |  irc/7     scr/6x  irc,tlu/9   tld,scr/6x
 RCN  |irc,scr/6   scr/6x  irc,scr/8   tld,scr/6x
 RTR  |  sta/6     sta/6     sta/6   tld,zrc,sta/5
 RTA  |    6         6         8       tld,scr/6
 RUC  |  scj/6     scj/7     scj/8       scj/9
 RXJ+ |    6         6         8           9
 RXJ- |  tlf/3     tlf/3     tlf/3   tld,irc,str/5
 RXR  |    6         7         8         ser/9`,
]

/** `[event, number of the state, cell without its mark]` of all that is printed. */
const CELLS = PRINTED.flatMap(half => {
  const [heading = [], ...rows] = half
    .trim()
    .split('\n')
    .map(line => line.split('|').flatMap((part, i) => (i === 0 ? [part.trim()] : part.trim().split(/\s+/))))
  return rows.flatMap(([event, ...cells]) =>
    cells.map(
      (cell, i) => [event as AutomatonEvent, Number(heading[i + 1]), cell.replace(/[rpx]$/, '')] as const,
    ),
  )
})

/** What of the table the implementation has, printed again. */
function print(state: State, event: AutomatonEvent): string {
  const found = transition(state, event)
  if (!found) return '-'
  const next = STATES.indexOf(found.next)
  return found.actions.length > 0 ? `${found.actions.join(',')}/${next}` : `${next}`
}

/** An automaton in a state, and what it has done since. */
function automatonIn(state: State): { readonly automaton: Automaton; readonly done: Action[] } {
  const done: Action[] = []
  const automaton = new Automaton({ maxConfigure: 10, maxTerminate: 2 }, action => done.push(action))
  for (const event of WAYS[state]) automaton.handle(event)
  done.length = 0
  return { automaton, done }
}

/** How each state is come to from the beginning. */
const WAYS: Readonly<Record<State, readonly AutomatonEvent[]>> = {
  Initial: [],
  Starting: ['Open'],
  Closed: ['Up'],
  Stopped: ['Open', 'Up', 'TO-'],
  Closing: ['Open', 'Up', 'Close'],
  Stopping: ['Open', 'Up', 'RCR+', 'RCA', 'RTR'],
  'Req-Sent': ['Open', 'Up'],
  'Ack-Rcvd': ['Open', 'Up', 'RCA'],
  'Ack-Sent': ['Open', 'Up', 'RCR+'],
  Opened: ['Open', 'Up', 'RCR+', 'RCA'],
}

describe('the automaton', () => {
  it('has every cell of RFC 1661 §4.1: ten states, sixteen events', () => {
    expect(CELLS).toHaveLength(160)
    expect(new Set(CELLS.map(([event]) => event))).toEqual(new Set(EVENTS))
    const wrong = CELLS.filter(([event, state, cell]) => print(STATES[state] as State, event) !== cell)
    expect(wrong).toEqual([])
  })

  it.each(STATES)('does from %s what the table says', state => {
    for (const [event, number, cell] of CELLS.filter(([, number]) => STATES[number] === state)) {
      const { automaton, done } = automatonIn(state)
      expect(automaton.state).toBe(state)
      automaton.handle(event)
      const [actions, next] = cell.includes('/') ? cell.split('/') : ['', cell]
      const expected = cell === '-' ? number : Number(next)
      expect([event, done.join(','), automaton.state]).toEqual([event, actions, STATES[expected]])
    }
  })

  it('runs the restart timer in states 4 to 8 alone', () => {
    const timed = STATES.filter(state => automatonIn(state).automaton.isTimed)
    expect(timed).toEqual(STATES.slice(4, 9))
  })

  it('sends Max-Configure Configure-Requests, then gives up', () => {
    const { automaton, done } = automatonIn('Starting')
    automaton.handle('Up')
    while (automaton.isTimed) automaton.handleTimeout()
    expect(done).toEqual(['irc', ...Array<Action>(10).fill('scr'), 'tlf'])
    expect(automaton.state).toBe('Stopped')
  })

  it('sends Max-Terminate Terminate-Requests, then gives up', () => {
    const { automaton, done } = automatonIn('Opened')
    automaton.handle('Close')
    while (automaton.isTimed) automaton.handleTimeout()
    expect(done).toEqual(['tld', 'irc', 'str', 'str', 'tlf'])
    expect(automaton.state).toBe('Closed')
  })

  it('waits one timer after a Terminate-Request and then is finished', () => {
    const { automaton, done } = automatonIn('Opened')
    automaton.handle('RTR')
    expect([automaton.counter, automaton.isTimed]).toEqual([0, true])
    automaton.handleTimeout()
    expect(done).toEqual(['tld', 'zrc', 'sta', 'tlf'])
  })

  it('counts anew when the peer shows that it lives', () => {
    const { automaton } = automatonIn('Req-Sent')
    for (let i = 0; i < 5; i++) automaton.handleTimeout()
    expect(automaton.counter).toBe(4)
    automaton.handle('RCN')
    expect(automaton.counter).toBe(9)
  })

  it('takes an event that an action brings about when the transition is through', () => {
    const done: Action[] = []
    const automaton: Automaton = new Automaton({ maxConfigure: 10, maxTerminate: 2 }, action => {
      done.push(action)
      if (action === 'tld') automaton.handle('Close')
    })
    for (const event of [...WAYS.Opened, 'RCR+'] as const) automaton.handle(event)
    expect(done.slice(-5)).toEqual(['tld', 'scr', 'sca', 'irc', 'str'])
    expect(automaton.state).toBe('Closing')
  })
})
