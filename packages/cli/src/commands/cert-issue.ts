import { randomBytes } from 'node:crypto'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ALT_NAMES_LIMIT,
  type DeviceCertificate,
  SITE_DAYS_LIMIT,
  SITE_KEY_TYPES,
  type SiteKeyType,
} from '@causeway/api-contract'
import { askGateway } from '../ask-gateway.ts'
import { readPasswordFile } from '../certificate-file.ts'
import type { Command, CommandInput, CommandOptions } from '../command.ts'
import { CommandFailure, EXIT, usageFailure } from '../command-failure.ts'
import { formatDay, printable } from '../table.ts'
import { certificateName, printStored } from './cert.ts'

/** `causeway cert issue VAULT NAME`, or `causeway cert issue NAME --out DIR` for the device at the other side. */
export const certIssue: Command = {
  words: ['NAME'],
  optionalWords: ['NAME'],
  options: ['subject', 'san', 'days', 'key', 'out', 'password-file', 'create-vault'],
  async run(input) {
    return input.options.out === undefined ? issueToVault(input) : issueToDevice(input, input.options.out)
  },
}

async function issueToVault(input: CommandInput): Promise<number> {
  const { words, options, directory } = input
  const [vault = '', name] = words
  if (name === undefined)
    throw usageFailure('causeway cert issue needs VAULT NAME, or NAME and --out DIR for a device')
  if (options['password-file'] !== undefined)
    throw usageFailure('--password-file is of the .pfx for a device: give --out DIR too')
  const params = {
    vault,
    name: certificateName(name),
    ...issuing(options, name),
    ...(options['create-vault'] === true && { createVault: true }),
  }
  return printStored(input, await askGateway(directory, { method: 'cert.issue', params }))
}

const PASSWORD_BYTES = 12
/** For the user alone: some of the files are secrets, and all stand together. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

async function issueToDevice(
  { words, options, directory, print }: CommandInput,
  out: string,
): Promise<number> {
  const [name = '', extra] = words
  if (extra !== undefined)
    throw usageFailure(`with --out the certificate goes to no vault: '${extra}' is too much`)
  if (options['create-vault'] === true) throw usageFailure('--create-vault does not go with --out')
  const paths = pathsOf(out, certificateName(name))
  await refuseTaken(Object.values(paths))
  const given = options['password-file']
  const password =
    given === undefined ? randomBytes(PASSWORD_BYTES).toString('base64url') : await readPasswordFile(given)
  const params = { ...issuing(options, name), password }
  const issued = await askGateway(directory, { method: 'cert.device', params })
  await writeFiles(out, paths, issued)
  const { subject, thumbprint, serialNumber, expiresAt, inboundChain } = issued
  const files = Object.values(paths)
  const shown = given === undefined ? { password } : {}
  const json = { subject, thumbprint, serialNumber, expiresAt, files, inboundChain, ...shown }
  print({ json, text: deviceLines(issued, files, shown.password).join('\n') })
  return EXIT.done
}

type DevicePaths = Readonly<Record<'pkcs12' | 'pem' | 'key' | 'certificate' | 'issuers', string>>

function pathsOf(out: string, name: string): DevicePaths {
  return {
    pkcs12: join(out, `${name}.pfx`),
    pem: join(out, `${name}.pem`),
    key: join(out, `${name}.key`),
    certificate: join(out, `${name}.crt`),
    issuers: join(out, `${name}-ca.crt`),
  }
}

/** Before anything is issued: a certificate whose key is lost is of no use. */
async function refuseTaken(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere)
      throw new CommandFailure(`${path} is there already; give another --out, or move it away`, 'Conflict')
  }
}

async function writeFiles(out: string, paths: DevicePaths, issued: DeviceCertificate): Promise<void> {
  const { key, certificate, issuers, pkcs12 } = issued
  const contents: Readonly<Record<keyof DevicePaths, string | Buffer>> = {
    pkcs12: Buffer.from(pkcs12, 'base64'),
    pem: `${key.trimEnd()}\n${certificate}${issuers}`,
    key,
    certificate,
    issuers,
  }
  try {
    await mkdir(out, { recursive: true, mode: FOLDER_MODE })
    for (const [name, path] of Object.entries(paths))
      await writeFile(path, contents[name as keyof DevicePaths], { mode: FILE_MODE, flag: 'wx' })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CommandFailure(`cannot write into ${out}: ${code ?? message}; give another --out`)
  }
}

function deviceLines(
  { subject, thumbprint, expiresAt, inboundChain }: DeviceCertificate,
  files: readonly string[],
  password: string | undefined,
): string[] {
  return [
    `certificate ${printable(subject)} (thumbprint ${thumbprint}, until ${formatDay(expiresAt)})`,
    ...files.map(file => `  ${file}`),
    ...(password === undefined ? [] : [`password of the .pfx, shown this once: ${password}`]),
    'a connection takes the device with inboundAuthCertificateChain',
    JSON.stringify(inboundChain),
  ]
}

function issuing(
  { subject, san, key, days }: CommandOptions,
  name: string,
): {
  readonly commonName: string
  readonly names?: string[]
  readonly keyType?: SiteKeyType
  readonly validDays?: number
} {
  return {
    commonName: commonName(subject ?? name),
    ...(san !== undefined && { names: altNames(san) }),
    ...(key !== undefined && { keyType: keyType(key) }),
    ...(days !== undefined && { validDays: validDays(days) }),
  }
}

function commonName(text: string): string {
  const name = text.trim().replace(/^CN\s*=\s*/i, '')
  if (name !== '' && name.length <= 64) return name
  throw usageFailure('--subject: give a common name of 1 to 64 characters')
}

function altNames(text: string): string[] {
  const names = text.split(',').map(name => name.trim())
  if (names.every(name => name !== '') && names.length <= ALT_NAMES_LIMIT) return names
  throw usageFailure(`--san: give 1 to ${ALT_NAMES_LIMIT} names or addresses, with commas between them`)
}

const SHORT_KEYS: Readonly<Record<string, SiteKeyType>> = {
  rsa2048: 'rsa-2048',
  rsa3072: 'rsa-3072',
  rsa4096: 'rsa-4096',
  ec256: 'ecdsa-p256',
  ec384: 'ecdsa-p384',
}

function keyType(text: string): SiteKeyType {
  const found = SITE_KEY_TYPES.find(type => type === text) ?? SHORT_KEYS[text]
  if (found) return found
  throw usageFailure(`--key: '${text}' is not a key type; use ${SITE_KEY_TYPES.join(', ')}`)
}

function validDays(text: string): number {
  if (/^[0-9]{1,4}$/.test(text) && Number(text) > 0 && Number(text) <= SITE_DAYS_LIMIT) return Number(text)
  throw usageFailure(`--days: '${text}' is not a number of days; give 1 to ${SITE_DAYS_LIMIT}`)
}
