import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { COMMANDS } from './commands/index.ts'

const parse = (...args: string[]) => parseCommandLine(args, COMMANDS)

describe('parseCommandLine', () => {
  it('reads a command of one word and of two, wherever the options stand', () => {
    expect(parse('status')).toMatchObject({ name: 'status', words: [], directory: './.causeway' })
    expect(parse('--data', '/d', 'client', 'add', 'ann', '--out=x', '--json')).toEqual({
      type: 'command',
      name: 'client add',
      words: ['ann'],
      directory: '/d',
      options: { out: 'x', json: true },
    })
  })

  it('answers --help and --version before anything else', () => {
    expect(parse('up', '--help')).toEqual({ type: 'help' })
    expect(parse('-h')).toEqual({ type: 'help' })
    expect(parse('--version')).toEqual({ type: 'version' })
  })

  it.each([
    [[], 'no command given'],
    [['fly'], "there is no command 'fly'"],
    [['constructor'], "there is no command 'constructor'"],
    [['client'], 'causeway client needs one of: add, revoke, list'],
    [['client', 'add'], 'causeway client add needs NAME'],
    [['status', 'now'], "causeway status: 'now' is too much"],
    [['status', '--listen', '::'], 'causeway status takes no option --listen'],
    [['up', '--lisen', '::'], "Unknown option '--lisen'"],
    [['up', '--listen'], "Option '--listen <value>' argument missing"],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(`${message}; see causeway --help`)
  })
})
