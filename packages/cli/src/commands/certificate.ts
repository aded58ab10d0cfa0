import type { CertificateView, ChangedCertificate } from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import type { Command } from '../command.ts'
import { EXIT, usageFailure } from '../command-failure.ts'
import { readTextFile } from '../document-file.ts'
import { formatDay, printable } from '../table.ts'

/** `causeway certificate set --chain FILE --key FILE`. */
export const certificateSet: Command = {
  words: [],
  options: ['chain', 'key'],
  async run({ options, directory, print }) {
    const { chain: [chain, ...more] = [], key } = options
    if (more.length > 0) throw usageFailure('causeway certificate set takes one --chain FILE, with all in it')
    if (chain === undefined) throw usageFailure('causeway certificate set needs --chain FILE')
    if (key === undefined) throw usageFailure('causeway certificate set needs --key FILE')
    const params = { chain: await readTextFile(chain), key: await readTextFile(key) }
    const result = await askGateway(directory, { method: 'certificate.set', params })
    print({ json: result, text: changedLines(result).join('\n') })
    return EXIT.done
  },
}

/** `causeway certificate show`. */
export const certificateShow: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const view = await askGateway(directory, { method: 'certificate.show', params: {} })
    print({ json: view, text: certificateLines(view).join('\n') })
    return EXIT.done
  },
}

/** `causeway certificate reset`. */
export const certificateReset: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const result = await askGateway(directory, { method: 'certificate.reset', params: {} })
    print({ json: result, text: changedLines(result).join('\n') })
    return EXIT.done
  },
}

function certificateLines({
  source,
  subject,
  issuer,
  names,
  thumbprint,
  expiresAt,
  uncoveredHosts,
}: CertificateView): string[] {
  const origin = source === 'own' ? "the gateway's own" : 'set by the operator'
  return [
    `${printable(subject)} (${origin})`,
    `  issuer      ${printable(issuer)}`,
    `  names       ${printable(names.join(', '))}`,
    `  thumbprint  ${thumbprint}`,
    `  until       ${formatDay(expiresAt)}`,
    ...(uncoveredHosts.length === 0 ? [] : [`  not for     ${printable(uncoveredHosts.join(', '))}`]),
  ]
}

function changedLines(result: ChangedCertificate): string[] {
  const lines = certificateLines(result)
  if (!result.changed) return [...lines, 'nothing has changed']
  const when = result.live
    ? 'the gateway shows it from now on; sessions stay'
    : 'the gateway is not running; it holds from the next start'
  return [...lines, when, 'profiles that were written before check the former one: give clients new ones']
}
