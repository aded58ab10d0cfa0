import { SECURE_PARAMETER_TYPES } from '@causeway/api-contract'
import type { Budget } from '../budget.ts'
import { TemplateFault } from '../fault.ts'
import { copyCount, Findings, materialize } from '../language/materialize.ts'
import { isObject, own, type Value } from '../value.ts'
import { type Names, scopeOf } from './names.ts'
import { isOfType, typeOf } from './parameters.ts'
import type { PlannedOutput } from './plan.ts'
import { evaluatedWith } from './planned-resource.ts'
import { evaluated } from './variables.ts'

/** A loop of an output has no name: it is run as one of properties. */
const LOOP = 'value'

/** What is to be evaluated of an output. */
interface OutputPart {
  readonly part: unknown
  readonly path: string
  /** Whether it comes to an object around what the loop made. */
  readonly isLoop: boolean
}

/** The outputs of a template. Those whose condition is false are not there. */
export function outputsOf(
  section: unknown,
  names: Names,
  budget: Budget,
  findings: Findings,
): readonly PlannedOutput[] {
  const declared = isObject(section) ? Object.entries(section) : []
  return declared.flatMap(([name, declaration]) => {
    const path = `outputs.${name}`
    const output = findings.at(path, () => outputOf(name, declaration, path, names, budget, findings))
    return output ? [output] : []
  })
}

function outputOf(
  name: string,
  declaration: Value,
  path: string,
  names: Names,
  budget: Budget,
  findings: Findings,
): PlannedOutput | undefined {
  const type = typeOf(declaration)
  if (!isObject(declaration) || !type)
    throw new TemplateFault('has no type that outputs have', 'give it a type, as string', `${path}.type`)
  if (!isWanted(own(declaration, 'condition'), `${path}.condition`, names, budget)) return undefined
  const part = partOf(declaration, path, names, budget, findings)
  // What is wrong before anything is known of resources is wrong now.
  const early = new Findings()
  materialize(part.part, part.path, scopeOf(names, budget, new Map()), early)
  for (const fault of early.faults) findings.add(fault)
  const isFit = (value: Value): value is Value => isOfType(unwrapped(part, value), type)
  return {
    name,
    type,
    isSecret: SECURE_PARAMETER_TYPES.includes(type) || names.isSecret(part.part),
    value: references => {
      const found = evaluatedWith(part.part, part.path, names, references, isFit)
      return found.type === 'good' ? { type: 'good', value: unwrapped(part, found.value) } : found
    },
  }
}

function isWanted(given: Value | undefined, path: string, names: Names, budget: Budget): boolean {
  if (given === undefined || given === null) return true
  const value = evaluated(given, path, scopeOf(names, budget))
  if (typeof value === 'boolean') return value
  throw new TemplateFault('is no boolean', 'give a boolean', path)
}

/** What is to be evaluated of an output: its value, or the array that its loop makes. */
function partOf(
  declaration: Readonly<Record<string, Value>>,
  path: string,
  names: Names,
  budget: Budget,
  findings: Findings,
): OutputPart {
  const copy = own(declaration, 'copy')
  if (!isObject(copy)) {
    const value = own(declaration, 'value')
    if (value === undefined) throw new TemplateFault('is missing', 'give it a value', `${path}.value`)
    return { part: value, path: `${path}.value`, isLoop: false }
  }
  const { count, input = null } = copy
  const turns = findings.at(`${path}.copy.count`, () => copyCount(count, scopeOf(names, budget))) ?? 0
  return { part: { copy: [{ name: LOOP, count: turns, input }] }, path, isLoop: true }
}

function unwrapped({ isLoop }: OutputPart, value: Value): Value {
  return isLoop && isObject(value) ? (own(value, LOOP) ?? null) : value
}
