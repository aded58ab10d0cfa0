import type { DocumentFault } from '@causeway/api-contract'
import { referenceKey, type Scope } from '../context.ts'
import { LimitFault, type Need, PendingReference, shown, TemplateFault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { isObject, kindOf, own, type Value } from '../value.ts'
import { evaluate } from './evaluate.ts'
import { isExpression, literalText } from './expression.ts'
import { parseExpression } from './parse-expression.ts'

/** What came up while a part of a template was evaluated. */
export class Findings {
  readonly faults: DocumentFault[] = []
  /** By the key of what is needed. */
  readonly needs: Map<string, Need> = new Map()
  /** Where something is left out that only resources can tell. */
  readonly pending: string[] = []

  add(fault: DocumentFault): void {
    const isKnown = this.faults.some(({ path, problem }) => path === fault.path && problem === fault.problem)
    if (!isKnown && this.faults.length < LIMITS.faults) this.faults.push(fault)
  }

  /**
   * Does something whose faults belong to a place. `undefined`: it did not come to anything. Limits that were reached
   * pass: nothing more is to be done.
   */
  at<Result>(path: string, work: () => Result): Result | undefined {
    try {
      return work()
    } catch (thrown) {
      if (thrown instanceof LimitFault) throw thrown
      if (thrown instanceof TemplateFault) this.add(thrown.at(path))
      else if (thrown instanceof PendingReference) {
        this.needs.set(referenceKey(thrown.need.id), thrown.need)
        this.pending.push(path)
      } else throw thrown
      return undefined
    }
  }
}

/** A text of a template: what its expression comes to, or itself. */
export function evaluateText(text: string, scope: Scope): Value {
  if (!isExpression(text)) {
    scope.budget.text(text.length)
    return literalText(text)
  }
  scope.budget.spend(1 + (text.length >> 3))
  const parsed = parseExpression(text)
  if (parsed.type === 'fault') throw parsed.fault
  const value = evaluate(parsed.expression, scope)
  scope.budget.whole(value)
  return value
}

/**
 * A part of a template with every expression in it evaluated, and its copy loops run. What cannot be said yet, or is
 * wrong, is left out of objects and null in arrays, and noted.
 */
export function materialize(
  value: unknown,
  path: string,
  scope: Scope,
  findings: Findings,
  depth = 0,
): Value | undefined {
  if (depth > LIMITS.depth)
    throw new LimitFault(`is more than ${LIMITS.depth} objects and arrays deep`, 'make it flatter', path)
  scope.budget.spend(1)
  if (typeof value === 'string') return findings.at(path, () => evaluateText(value, scope))
  if (Array.isArray(value))
    return value.map((entry, i) => materialize(entry, `${path}[${i}]`, scope, findings, depth + 1) ?? null)
  if (isObject(value)) return materializeObject(value, path, scope, findings, depth)
  return typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function materializeObject(
  object: object,
  path: string,
  scope: Scope,
  findings: Findings,
  depth: number,
): Value {
  const found: [string, Value][] = []
  for (const [name, part] of Object.entries(object)) {
    const place = path === '' ? name : `${path}.${name}`
    const copies = name.toLowerCase() === 'copy' ? copyLoops(part) : undefined
    if (copies) {
      for (const [i, copy] of copies.entries())
        found.push(...propertyCopy(copy, `${place}[${i}]`, scope, findings, depth))
      continue
    }
    const key = isExpression(name) ? findings.at(place, () => keyText(name, scope)) : literalText(name)
    const value = materialize(part, place, scope, findings, depth + 1)
    if (key !== undefined && value !== undefined) found.push([key, value])
  }
  return Object.fromEntries(found)
}

function keyText(name: string, scope: Scope): string {
  const key = evaluateText(name, scope)
  if (typeof key === 'string') return key
  throw new TemplateFault(`is a name that comes to ${kindOf(key)}`, 'make it a string')
}

/** A copy loop: how often, and what. */
interface CopyLoop {
  readonly name: string
  readonly count: unknown
  readonly input: unknown
}

/** The copy loops that stand in the place of a property; `undefined`: it is a property like any other. */
function copyLoops(part: unknown): readonly CopyLoop[] | undefined {
  if (!Array.isArray(part) || part.length === 0) return undefined
  const loops = part.filter(isObject).flatMap((entry): CopyLoop[] => {
    const [name, count, input] = [own(entry, 'name'), own(entry, 'count'), own(entry, 'input')]
    return typeof name === 'string' && count !== undefined && input !== undefined
      ? [{ name, count, input }]
      : []
  })
  return loops.length === part.length ? loops : undefined
}

function propertyCopy(
  { name, count, input }: CopyLoop,
  path: string,
  scope: Scope,
  findings: Findings,
  depth: number,
): [string, Value][] {
  const turns = findings.at(`${path}.count`, () => copyCount(count, scope))
  if (turns === undefined) return []
  return [[name, copied(name, turns, input, `${path}.input`, scope, findings, depth)]]
}

/** What a loop makes: an array of what is copied. */
function copied(
  name: string,
  turns: number,
  input: unknown,
  path: string,
  scope: Scope,
  findings: Findings,
  depth = 0,
): Value {
  return Array.from({ length: turns }, (_, index) => {
    const loops = [...scope.loops, { name, index }]
    return materialize(input, path, { ...scope, loops }, findings, depth + 1) ?? null
  })
}

/** How often a loop is run. */
export function copyCount(count: unknown, scope: Scope): number {
  const value = typeof count === 'string' ? evaluateText(count, scope) : count
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LIMITS.copies)
    return value
  const given = typeof value === 'number' ? shown(String(value)) : kindOf(value)
  throw new TemplateFault(`is ${given}, which is no count`, `give an integer from 0 to ${LIMITS.copies}`)
}
