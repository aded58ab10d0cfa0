import { askGateway } from '../ask-gateway.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { readDocumentFile } from '../document-file.ts'

/** `causeway apply FILE`. */
export const apply: Command = {
  words: ['FILE'],
  options: [],
  async run({ words, directory, print }) {
    const document = await readDocumentFile(words[0] ?? '')
    const result = await askGateway(directory, { method: 'apply', params: { document } })
    const what = `the ${result.document} document is ${result.changed ? 'stored' : 'unchanged'} (version ${result.version})`
    const when = result.live
      ? 'the gateway runs with it'
      : 'the gateway is not running; it holds from the next start'
    print({ json: result, text: `${what}; ${when}` })
    return EXIT.done
  },
}
