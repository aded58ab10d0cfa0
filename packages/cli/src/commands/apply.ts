import type {
  AppliedTemplate,
  ApplyResult,
  DeployedResource,
  ErrorBody,
  TemplateParameters,
} from '@causeway/api-contract'
import { type AppliedDocument, readAppliedDocuments } from '../applied-document.ts'
import { askGateway } from '../ask-gateway.ts'
import type { Command, CommandInput } from '../command.ts'
import { CommandFailure, EXIT, usageFailure } from '../command-failure.ts'
import { readDocumentFile, readDocumentsFile } from '../document-file.ts'
import { printable } from '../table.ts'
import { readTemplateParameters } from '../template-parameters.ts'

/** `causeway apply FILE`: what the file holds decides who takes it. */
export const apply: Command = {
  words: ['FILE'],
  options: ['parameters', 'group'],
  async run(input) {
    const [file = ''] = input.words
    const { parameters, group } = input.options
    const applied = readAppliedDocuments(await readDocumentsFile(file), group !== undefined)
    if (applied.type === 'bad') throw refused(file, applied.problem)
    if (applied.type === 'template') return applyTemplate(input, applied)
    if (parameters !== undefined || group !== undefined)
      throw usageFailure(`${file} is no template and no resource: it takes no --parameters and no --group`)
    return applyConfiguration(input, applied.document)
  },
}

async function applyConfiguration({ directory, print }: CommandInput, document: unknown): Promise<number> {
  const result = await askGateway(directory, { method: 'apply', params: { document } })
  print({ json: result, text: configurationLine(result) })
  return EXIT.done
}

function configurationLine({ document, version, changed, live }: ApplyResult): string {
  const when = live ? 'the gateway runs with it' : 'the gateway is not running; it holds from the next start'
  return `the ${document} document is ${changed ? 'stored' : 'unchanged'} (version ${version}); ${when}`
}

async function applyTemplate(
  { options, directory, print, tell }: CommandInput,
  applied: Extract<AppliedDocument, { type: 'template' }>,
): Promise<number> {
  const group = options.group ?? applied.group
  const params = {
    document: applied.document,
    ...(options.parameters !== undefined && { parameters: await parametersIn(options.parameters) }),
    ...(group !== undefined && { group }),
  }
  const result = await askGateway(directory, { method: 'template.apply', params }, resource =>
    tell(progressLine(resource)),
  )
  print({ json: result, text: templateLines(result).join('\n') })
  if (result.state === 'Succeeded') return EXIT.done
  for (const line of failureLines(result)) tell(line)
  return EXIT.failed
}

async function parametersIn(path: string): Promise<TemplateParameters> {
  const read = readTemplateParameters(await readDocumentFile(path))
  if (read.type === 'bad') throw refused(path, read.problem)
  return read.parameters
}

/** `Microsoft.Network/publicIPAddresses/ip1: Succeeded`. */
function progressLine(resource: DeployedResource): string {
  const { state, error } = resource
  return printable(`${shortId(resource)}: ${state}${error ? `: ${reason(error)}` : ''}`)
}

function templateLines({ deployment, group, state, resources, outputs }: AppliedTemplate): string[] {
  const count = `${resources.length} ${resources.length === 1 ? 'resource' : 'resources'}`
  const values = Object.entries(outputs).map(([name, { value }]) =>
    printable(`  ${name}  ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  )
  return [`deployment ${deployment} in ${group ?? 'the subscription'}: ${state}, ${count}`, ...values]
}

/** Why it failed: of every resource that did, or of the whole. */
function failureLines({ resources, error }: AppliedTemplate): string[] {
  const failed = resources.filter(resource => resource.error !== undefined)
  const whole = failed.length === 0 && error ? (error.details ?? [error]).map(reason) : []
  return [...failed.map(progressLine), ...whole].map(line => `causeway: ${printable(line)}`)
}

function reason({ message }: ErrorBody): string {
  return message.replace(/\s+/g, ' ')
}

/** Type and name: what follows the last provider, of a group its type before its name. */
function shortId({ id, type }: DeployedResource): string {
  const [, ...after] = id.split(/\/providers\//i)
  return after.at(-1) ?? `${type}/${id.split('/').at(-1)}`
}

function refused(path: string, problem: string): CommandFailure {
  return new CommandFailure(`${path} ${problem}`, 'InvalidParameter', EXIT.usage)
}
