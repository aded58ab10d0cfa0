import { readFile } from 'node:fs/promises'
import { CommandFailure, EXIT } from './command-failure.ts'

/** Largest document read: a gateway with 100,000 revoked certificates fits the control protocol. */
const SIZE_LIMIT = 8 * 1_024 * 1_024 - 4_096

/** A JSON document from a file. Errors: `CommandFailure`. */
export async function readDocumentFile(path: string): Promise<unknown> {
  const text = await readTextFile(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(`${path} is not JSON: ${problemOf(error as Error)}; correct it`)
  }
}

/** Without the piece of the text that V8 may quote: it may be somebody's secret. */
function problemOf({ message }: Error): string {
  return message.replace(/, (\.\.\.)?".*is not valid JSON$/s, '')
}

/** A text file of a sane size. Errors: `CommandFailure`. */
export async function readTextFile(path: string): Promise<string> {
  const text = await contentOf(path)
  if (text.length > SIZE_LIMIT)
    throw refused(`${path} is larger than ${SIZE_LIMIT} bytes; give a smaller file`)
  return text
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refused(`cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : code}; give another`)
  }
}

function refused(message: string): CommandFailure {
  return new CommandFailure(message, 'InvalidParameter', EXIT.usage)
}
