import { quote, type TemplateParameters } from '@causeway/api-contract'

/** Values of a template's parameters, or what is wrong with them. */
export type ReadParameters =
  | { readonly type: 'good'; readonly parameters: TemplateParameters }
  | { readonly type: 'bad'; readonly problem: string }

/** What a parameter file of ARM's has beside the parameters. */
const FRAME: readonly string[] = ['$schema', 'contentVersion', 'parameters']

/** Reads ARM's parameter file, `{"parameters": {"name": {"value": …}}}`, or plain `{"name": …}`. */
export function readTemplateParameters(document: unknown): ReadParameters {
  if (!isObject(document))
    return { type: 'bad', problem: 'is no object; give {"parameters": {…}} or {"name": …}' }
  const { parameters } = document
  const isFramed = isObject(parameters) && Object.keys(document).every(name => FRAME.includes(name))
  if (!isFramed) return { type: 'good', parameters: wrapped(document) }
  const wrong = Object.entries(parameters).find(([, entry]) => !isEntry(entry))
  if (wrong)
    return { type: 'bad', problem: `has a parameter ${quote(wrong[0])} without a value; write {"value": …}` }
  return { type: 'good', parameters: parameters as TemplateParameters }
}

function wrapped(values: Readonly<Record<string, unknown>>): TemplateParameters {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
}

function isEntry(entry: unknown): boolean {
  return isObject(entry) && ('value' in entry || 'reference' in entry)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
