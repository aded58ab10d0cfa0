import type { Command, CommandInput } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { readTextFile } from '../document-file.ts'
import { logLevelOf } from '../log-level.ts'
import { nextSignal } from '../next-signal.ts'

/** `causeway connect FILE`: the client's side, until a signal or until the server will not have it. */
export const connect: Command = {
  words: ['FILE'],
  options: ['log-level'],
  async run({ words, options, print }: CommandInput) {
    const profile = await readTextFile(words[0] ?? '')
    const signal = nextSignal()
    const { createLog, LOG_LEVELS, startClientProcess } = await import('@causeway/gateway')
    const log = createLog(logLevelOf(options, LOG_LEVELS), process.stderr.isTTY === true)
    const client = startClientProcess({
      profile,
      log,
      onConnected: addresses =>
        print({ json: { connected: addresses }, text: `connected with ${addresses.join(', ')}` }),
      onDisconnected: reason => print({ json: { disconnected: reason }, text: `disconnected: ${reason}` }),
    })
    await Promise.race([client.done, signal])
    await client.stop()
    return EXIT.done
  },
}
