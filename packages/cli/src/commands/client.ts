import { resolve } from 'node:path'
import {
  type AddedClient,
  CLIENT_KEY_TYPES,
  CLIENT_NAME_PATTERN,
  type ClientKeyType,
  type ClientView,
  quote,
} from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import type { Command, CommandInput } from '../command.ts'
import { EXIT, usageFailure } from '../command-failure.ts'
import { formatDay, formatTable } from '../table.ts'

/** `causeway client add NAME`. */
export const clientAdd: Command = {
  words: ['NAME'],
  options: ['out', 'key', 'days'],
  async run({ words, options, directory, print }) {
    const client = await askGateway(directory, {
      method: 'client.add',
      params: {
        name: clientName(words[0] ?? ''),
        ...(options.out !== undefined && { directory: resolve(options.out) }),
        ...(options.key !== undefined && { keyType: keyType(options.key) }),
        ...(options.days !== undefined && { validDays: days(options.days) }),
      },
    })
    const files = client.files.map(file => `  ${client.directory}/${file}`)
    print({ json: client, text: [`client ${client.name} (${issued(client)})`, ...files].join('\n') })
    return EXIT.done
  },
}

/** A gateway whose users all sign in elsewhere issues no certificate. */
function issued({ thumbprint, expiresAt }: AddedClient): string {
  if (thumbprint === undefined)
    return 'without a certificate: users sign in by name and password, or by token'
  return `thumbprint ${thumbprint}, until ${formatDay(expiresAt ?? 0)}`
}

/** `causeway client revoke NAME`. */
export const clientRevoke: Command = {
  words: ['NAME'],
  options: [],
  async run({ words, directory, print }) {
    const revoked = await askGateway(directory, {
      method: 'client.revoke',
      params: { name: clientName(words[0] ?? '') },
    })
    const when = revoked.live
      ? 'its sessions end now'
      : 'the gateway is not running; it holds from the next start'
    print({ json: revoked, text: `client ${revoked.name} is revoked; ${when}` })
    return EXIT.done
  },
}

/** `causeway client list`. */
export const clientList: Command = {
  words: [],
  options: [],
  async run({ directory, print }: CommandInput) {
    const result = await askGateway(directory, { method: 'client.list', params: {} })
    const headings = ['NAME', 'THUMBPRINT', 'ISSUED', 'EXPIRES', 'STATE']
    print({ json: result, text: formatTable(headings, result.clients.map(row)) })
    return EXIT.done
  },
}

function row({ name, thumbprint, issuedAt, expiresAt, revokedAt }: ClientView): string[] {
  const expired = expiresAt * 1000 < Date.now() ? 'expired' : 'valid'
  const state = revokedAt === undefined ? expired : `revoked ${formatDay(revokedAt)}`
  return [name, thumbprint, formatDay(issuedAt), formatDay(expiresAt), state]
}

function clientName(text: string): string {
  if (new RegExp(CLIENT_NAME_PATTERN).test(text)) return text
  const remedy = 'use up to 64 letters, digits, dots, hyphens, underscores and @, a letter or digit first'
  throw usageFailure(`${quote(text)} cannot be a client's name: ${remedy}`)
}

function keyType(text: string): ClientKeyType {
  const found = CLIENT_KEY_TYPES.find(type => type === text)
  if (!found) throw usageFailure(`--key: '${text}' is not a key type; use ${CLIENT_KEY_TYPES.join(', ')}`)
  return found
}

function days(text: string): number {
  if (/^[0-9]{1,4}$/.test(text) && Number(text) > 0) return Number(text)
  throw usageFailure(`--days: '${text}' is not a number of days; give 1 to 3650`)
}
