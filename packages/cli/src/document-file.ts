import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { CommandFailure, EXIT } from './command-failure.ts'
import { plainFault } from './plain-value.ts'

/** Largest document read: a gateway with 100,000 revoked certificates fits the control protocol. */
const SIZE_LIMIT = 8 * 1_024 * 1_024 - 4_096

/** The one document of a JSON or YAML file. Errors: `CommandFailure`. */
export async function readDocumentFile(path: string): Promise<unknown> {
  const [document, ...more] = await readDocumentsFile(path)
  if (more.length > 0) throw refused(`${path} holds ${more.length + 1} documents; give one to a file`)
  return document
}

/**
 * The documents of a file, one at least: of JSON there is one, of YAML there may be several. `.json`, `.yaml` and
 * `.yml` say which it is; any other name is of JSON when the text begins as one. Errors: `CommandFailure`.
 */
export async function readDocumentsFile(path: string): Promise<readonly [unknown, ...unknown[]]> {
  const text = (await readTextFile(path)).replace(/^\uFEFF/, '')
  const documents = isJson(path, text) ? [parseJson(path, text)] : await parseYamlFile(path, text)
  for (const document of documents) {
    const fault = plainFault(document, SIZE_LIMIT)
    if (fault !== undefined) throw refused(`${path} ${fault}`)
  }
  const [first, ...more] = documents
  if (first === undefined) throw refused(`${path} is empty; give a file with a document`)
  return [first, ...more]
}

/** A text file of a sane size. Errors: `CommandFailure`. */
export async function readTextFile(path: string): Promise<string> {
  const text = await contentOf(path)
  if (text.length > SIZE_LIMIT)
    throw refused(`${path} is larger than ${SIZE_LIMIT} bytes; give a smaller file`)
  return text
}

function isJson(path: string, text: string): boolean {
  const extension = extname(path).toLowerCase()
  if (extension === '.json') return true
  return extension !== '.yaml' && extension !== '.yml' && /^\s*[{[]/.test(text)
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(`${path} is not JSON: ${problemOf(error as Error, text)}; correct it`)
  }
}

/** The library is loaded when there is YAML to read. */
async function parseYamlFile(path: string, text: string): Promise<readonly unknown[]> {
  const { parseYaml } = await import('./yaml-text.ts')
  const read = parseYaml(text)
  if (read.type === 'good') return read.documents
  throw refused(`${path} is not YAML that is taken here: ${read.problem}; correct it`)
}

/** Without the piece of the text that V8 may quote: it may be somebody's secret. */
function problemOf({ message }: Error, text: string): string {
  const problem = message.replace(/, (\.\.\.)?".*is not valid JSON$/s, '')
  const [found, offset] = / in JSON at position (\d+).*$/s.exec(problem) ?? []
  if (found === undefined) return problem
  const before = text.slice(0, Number(offset)).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${problem.replace(found, '')}`
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
