import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import type { AskHidden } from './command.ts'
import { CommandFailure } from './command-failure.ts'

/** Asks at a terminal, and shows nothing of what is typed. Errors: `CommandFailure` on Ctrl-C. */
export function hiddenPrompt(
  input: Pick<ReadStream, 'isTTY'> & NodeJS.ReadableStream,
  output: Pick<WriteStream, 'isTTY'> & NodeJS.WritableStream,
): AskHidden {
  return async question => {
    if (input.isTTY !== true || output.isTTY !== true) return undefined
    output.write(question)
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input, output: nowhere, terminal: true })
    try {
      return await new Promise<string>((done, fail) => {
        lines.once('line', done)
        lines.once('SIGINT', () => fail(new CommandFailure('interrupted; nothing was done')))
        lines.once('close', () => done(''))
      })
    } finally {
      lines.close()
      output.write('\n')
    }
  }
}
