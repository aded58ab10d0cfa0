import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { hiddenPrompt } from './hidden-prompt.ts'

/** Two ends of a terminal, and what it shows. */
function terminal(isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined })
  const output = Object.assign(new PassThrough(), { isTTY })
  const ask = hiddenPrompt(input as unknown as Parameters<typeof hiddenPrompt>[0], output as never)
  return { input, ask, shown: () => String(output.read() ?? '') }
}

describe('a hidden prompt', () => {
  it('shows the question, and nothing of the answer', async () => {
    const { input, ask, shown } = terminal()
    const answer = ask('password of a.pfx: ')
    input.write('s3cret\r')
    expect(await answer).toBe('s3cret')
    expect(shown()).toBe('password of a.pfx: \n')
  })

  it('asks nobody where there is no terminal', async () => {
    const { ask, shown } = terminal(false)
    expect(await ask('password: ')).toBeUndefined()
    expect(shown()).toBe('')
  })

  it('is empty at the end of the input, and fails on Ctrl-C', async () => {
    const ended = terminal()
    const answer = ended.ask('password: ')
    ended.input.end()
    expect(await answer).toBe('')
    const interrupted = terminal()
    const failing = interrupted.ask('password: ')
    interrupted.input.write('\u0003')
    await expect(failing).rejects.toThrow('interrupted; nothing was done')
  })
})
