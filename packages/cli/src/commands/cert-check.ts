import type { InboundCheck } from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import { readCertificateFile } from '../certificate-file.ts'
import { trustLines, verdictLines } from '../certificate-lines.ts'
import type { Command } from '../command.ts'
import { EXIT, usageFailure } from '../command-failure.ts'
import { formatDay, printable } from '../table.ts'

/** `causeway cert check --subject CN --chain FILE`: fails when a connection would refuse the chain or the peer. */
export const certCheck: Command = {
  words: [],
  options: ['subject', 'chain', 'peer'],
  async run({ options: { subject, chain: files, peer }, directory, print }) {
    if (subject === undefined) throw usageFailure('causeway cert check needs --subject CN')
    if (files === undefined) throw usageFailure('causeway cert check needs --chain FILE, the root first')
    const chain = await Promise.all(files.map(readCertificateFile))
    const params = { subject, chain, ...(peer !== undefined && { peer: await readCertificateFile(peer) }) }
    const check = await askGateway(directory, { method: 'cert.check', params })
    print({ json: check, text: checkLines(check, files).join('\n') })
    const isGood = check.trust.accepted && (check.peer === undefined || check.peer.accepted)
    return isGood ? EXIT.done : EXIT.failed
  },
}

function checkLines(
  { trust, subject, certificates, peer }: InboundCheck,
  files: readonly string[],
): string[] {
  const place = trust.file === undefined ? '' : `${files[trust.file]}: `
  const chain = verdictLines(`inbound chain: ${printable(place)}`, trust)
  if (!trust.accepted) return chain
  const shown = peer
    ? `${printable(peer.subject) || 'without a subject'}, until ${formatDay(peer.expiresAt)}`
    : ''
  return [
    ...chain,
    `the peer has to be ${printable(subject ?? '')}`,
    ...(peer ? [...verdictLines("the peer's certificate: ", peer), `  ${shown}`] : []),
    ...(peer?.accepted === true ? ['whether it is revoked was not asked'] : []),
    ...(peer?.accepted === false ? [] : trustLines(certificates)),
  ]
}
