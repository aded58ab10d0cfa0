import {
  quote,
  type StoredCertificateView,
  VAULT_OBJECT_NAME_PATTERN,
  type VaultCertificateDetail,
  type VaultCertificateView,
} from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import { passwordOf, readCertificateFile } from '../certificate-file.ts'
import { identityLines, trustLines, verdictLines } from '../certificate-lines.ts'
import type { Command, CommandInput } from '../command.ts'
import { CommandFailure, EXIT, usageFailure } from '../command-failure.ts'
import { formatDay, formatTable, printable } from '../table.ts'

/** `causeway cert import VAULT NAME FILE`. */
export const certImport: Command = {
  words: ['VAULT', 'NAME', 'FILE'],
  options: ['password-file', 'create-vault'],
  async run(input) {
    const { words, options, directory, ask } = input
    const [vault = '', name = '', file = ''] = words
    const content = await readCertificateFile(file)
    const password = await passwordOf(file, content, options['password-file'], ask)
    const params = {
      vault,
      name: certificateName(name),
      content,
      ...(password !== undefined && { password }),
      ...(options['create-vault'] === true && { createVault: true }),
    }
    try {
      return printStored(input, await askGateway(directory, { method: 'cert.import', params }))
    } catch (error) {
      throw error instanceof CommandFailure && error.code === 'InvalidParameter'
        ? new CommandFailure(`${file}: ${error.message}`, error.code, error.exitCode)
        : error
    }
  },
}

/** `causeway cert list [VAULT]`. */
export const certList: Command = {
  words: [],
  optionalWords: ['VAULT'],
  options: [],
  async run({ words: [vault], directory, print }) {
    const params = vault === undefined ? {} : { vault }
    const result = await askGateway(directory, { method: 'cert.list', params })
    const headings = ['VAULT', 'NAME', 'VERSION', 'SUBJECT', 'EXPIRES', 'STATE', 'USED BY']
    const rows = result.certificates.map(row)
    print({ json: result, text: rows.length === 0 ? 'no certificates' : formatTable(headings, rows) })
    return EXIT.done
  },
}

/** `causeway cert show VAULT NAME[/VERSION]`. */
export const certShow: Command = {
  words: ['VAULT', 'NAME'],
  options: [],
  async run({ words: [vault = '', place = ''], directory, print }) {
    const [name = '', version] = place.split('/')
    const params = { vault, name: certificateName(name), ...(version !== undefined && { version }) }
    const detail = await askGateway(directory, { method: 'cert.show', params })
    print({ json: detail, text: detailLines(detail).join('\n') })
    return EXIT.done
  },
}

/** What was stored, and whether a connection would take it: a vault takes what a connection does not. */
export function printStored({ print, tell }: CommandInput, stored: StoredCertificateView): number {
  const { outbound, vault, id, version } = stored
  const lines = [
    ...(stored.hasMadeVault ? [`the vault ${vault} was made`] : []),
    ...identityLines(stored),
    ...verdictLines('  outbound    ', outbound),
    `a connection names it as ${id.slice(0, -version.length - 1)}, and follows new versions`,
  ]
  print({ json: stored, text: lines.join('\n') })
  if (!outbound.accepted)
    tell(
      `causeway: it is stored, and no connection takes it as its outbound certificate: ${outbound.message}`,
    )
  return EXIT.done
}

/** A certificate's name in a vault. Errors: `CommandFailure`. */
export function certificateName(text: string): string {
  if (new RegExp(VAULT_OBJECT_NAME_PATTERN).test(text)) return text
  throw usageFailure(
    `${quote(text)} cannot be a certificate's name in a vault: use up to 127 letters, digits and hyphens`,
  )
}

function row({
  vault,
  name,
  version,
  subject,
  expiresAt,
  isEnabled,
  isCurrent,
  usedBy,
}: VaultCertificateView): string[] {
  const states = [
    isEnabled ? 'enabled' : 'disabled',
    ...(isCurrent ? [] : ['not the newest']),
    ...(expiresAt * 1_000 < Date.now() ? ['expired'] : []),
  ]
  return [vault, name, version, subject, formatDay(expiresAt), states.join(', '), usedBy.join(', ') || 'none']
}

function detailLines(detail: VaultCertificateDetail): string[] {
  const { issuer, key, names, outbound, trust, missingIssuer, isCurrent, isEnabled } = detail
  const state = `${isEnabled ? 'enabled' : 'disabled'}${isCurrent ? '' : ', not the newest version'}`
  const missing =
    missingIssuer === undefined
      ? []
      : [
          `its issuer ${missingIssuer} is not beside it: take that one, and those above it, from where it was issued`,
        ]
  return [
    ...identityLines(detail),
    `  issuer      ${printable(issuer)}`,
    `  names       ${printable(names.join(', ')) || 'none'}`,
    `  key         ${key}`,
    `  state       ${state}`,
    ...verdictLines('  outbound    ', outbound),
    'the other side has to trust:',
    ...missing.map(printable),
    ...(trust.length === 0 ? [] : trustLines(trust)),
  ]
}
