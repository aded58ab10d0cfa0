import {
  type AddedPrincipalSecret,
  PRINCIPAL_NAME_PATTERN,
  type PrincipalView,
  quote,
  SECRET_DAYS_LIMIT,
} from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import type { Command, CommandOptions } from '../command.ts'
import { EXIT, usageFailure } from '../command-failure.ts'
import { formatDay, formatTable, printable } from '../table.ts'

/** What `--role` says for a principal that is to have none yet. */
const NO_ROLE = 'none'

/** `causeway principal add NAME --role ROLE`. */
export const principalAdd: Command = {
  words: ['NAME'],
  options: ['role', 'scope', 'days'],
  async run({ words, options, directory, print }) {
    const added = await askGateway(directory, {
      method: 'principal.add',
      params: { name: principalName(words), ...grant(options), ...validDays(options) },
    })
    const { role, scope = '' } = added
    const rights = role === undefined ? 'none: it may do nothing yet' : `${role} at ${scope}`
    print({ json: added, text: secretLines(added, [`  role       ${printable(rights)}`]).join('\n') })
    return EXIT.done
  },
}

/** `causeway principal list`. */
export const principalList: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const result = await askGateway(directory, { method: 'principal.list', params: {} })
    const headings = ['NAME', 'CLIENT ID', 'OBJECT ID', 'STATE', 'SIGNS IN WITH', 'ROLES']
    const { principals } = result
    const text =
      principals.length === 0 ? 'no service principals' : formatTable(headings, principals.map(row))
    print({ json: result, text })
    return EXIT.done
  },
}

/** `causeway principal secret NAME`. */
export const principalSecret: Command = {
  words: ['NAME'],
  options: ['days'],
  async run({ words, options, directory, print }) {
    const added = await askGateway(directory, {
      method: 'principal.secret',
      params: { name: principalName(words), ...validDays(options) },
    })
    print({ json: added, text: [...secretLines(added, []), 'its other secrets stay'].join('\n') })
    return EXIT.done
  },
}

/** `causeway principal remove NAME`. */
export const principalRemove: Command = {
  words: ['NAME'],
  options: [],
  async run({ words, directory, print }) {
    const params = { name: principalName(words) }
    const removed = await askGateway(directory, { method: 'principal.remove', params })
    const text = `service principal ${printable(removed.name)} is removed with its roles; its tokens are refused from now on`
    print({ json: removed, text })
    return EXIT.done
  },
}

function secretLines(added: AddedPrincipalSecret, further: readonly string[]): string[] {
  return [
    `service principal ${printable(added.name)}`,
    `  tenant     ${added.tenantId}`,
    `  client id  ${added.clientId}`,
    `  object id  ${added.objectId}`,
    ...further,
    `  secret     ${added.secret}`,
    `  until      ${formatDay(added.endsAt)}`,
    'the secret is shown this once and is kept nowhere: store it now',
  ]
}

/** What it may do is said in so many words: nobody gets rights by leaving something out. */
function grant({ role, scope }: CommandOptions): { readonly role?: string; readonly scope?: string } {
  if (role === undefined || role === '')
    throw usageFailure(
      `causeway principal add needs --role ROLE: Reader, Contributor, "Network Contributor", Owner and others, or ${NO_ROLE}`,
    )
  if (role !== NO_ROLE) return { role, ...(scope !== undefined && { scope: checkedScope(scope) }) }
  if (scope !== undefined)
    throw usageFailure(`--scope is where a role holds: with --role ${NO_ROLE} there is none`)
  return {}
}

function checkedScope(text: string): string {
  if (text.startsWith('/') && text.length <= 2_048) return text
  throw usageFailure(`--scope: ${quote(text)} is no scope; give /, /subscriptions/ID or an id below it`)
}

function row({ name, clientId, objectId, isEnabled, roles, secrets, certificates }: PrincipalView): string[] {
  const now = Date.now() / 1000
  const days = secrets.map(
    ({ endsAt }) => `secret ${endsAt < now ? 'expired' : 'until'} ${formatDay(endsAt)}`,
  )
  const count = certificates === 1 ? '1 certificate' : `${certificates} certificates`
  const means = [...days, ...(certificates === 0 ? [] : [count])]
  return [
    name,
    clientId,
    objectId,
    isEnabled ? 'enabled' : 'disabled',
    means.join(', ') || 'nothing',
    roles.map(({ role, scope }) => `${role} at ${scope}`).join(', ') || 'none',
  ]
}

function principalName([text = '']: readonly string[]): string {
  if (new RegExp(PRINCIPAL_NAME_PATTERN).test(text)) return text
  const remedy = 'use up to 64 letters, digits, dots, hyphens, underscores and @, a letter or digit first'
  throw usageFailure(`${quote(text)} cannot be a principal's name: ${remedy}`)
}

function validDays({ days }: CommandOptions): { readonly validDays?: number } {
  if (days === undefined) return {}
  if (/^[0-9]{1,3}$/.test(days) && Number(days) > 0 && Number(days) <= SECRET_DAYS_LIMIT)
    return { validDays: Number(days) }
  throw usageFailure(`--days: ${quote(days)} is not a number of days; give 1 to ${SECRET_DAYS_LIMIT}`)
}
