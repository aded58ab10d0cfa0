import { readFile } from 'node:fs/promises'
import type { AskHidden } from './command.ts'
import { CommandFailure, EXIT } from './command-failure.ts'
import { readTextFile } from './document-file.ts'

/** Largest file of certificates that is read. The gateway takes less, and says so. */
const SIZE_LIMIT = 512 * 1_024

/** What DER begins with: a sequence. */
const DER = 0x30

/** Certificates or a key with them, as the gateway is told them: PEM or base64 as it stands, DER and PKCS#12 in base64. */
export async function readCertificateFile(path: string): Promise<string> {
  const bytes = await contentOf(path)
  if (bytes.length === 0) throw refused(`${path} is empty; give a file with a certificate`)
  if (bytes.length > SIZE_LIMIT)
    throw refused(`${path} is larger than ${SIZE_LIMIT} bytes; give a smaller file`)
  return bytes[0] === DER ? bytes.toString('base64') : bytes.toString('utf8')
}

/**
 * The password of a file with a key: the first line of `passwordFile`, or what is typed at the terminal where the file
 * has one. `undefined`: nobody gave one.
 */
export async function passwordOf(
  path: string,
  content: string,
  passwordFile: string | undefined,
  ask: AskHidden,
): Promise<string | undefined> {
  if (passwordFile !== undefined) return readPasswordFile(passwordFile)
  const isPem = content.includes('-----BEGIN ')
  if (isPem && !/ENCRYPTED/.test(content)) return undefined
  const typed = await ask(`password of ${path}: `)
  return typed === '' ? undefined : typed
}

/** The first line of a file, without its end. Errors: `CommandFailure`. */
export async function readPasswordFile(path: string): Promise<string> {
  const [line = ''] = (await readTextFile(path)).split(/\r?\n/)
  if (line !== '') return line
  throw refused(`${path} is empty; give a file whose first line is the password`)
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refused(`cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : code}; give another`)
  }
}

function refused(message: string): CommandFailure {
  return new CommandFailure(message, 'InvalidParameter', EXIT.usage)
}
