import { Budget } from '../budget.ts'
import { type References, referenceKey } from '../context.ts'
import { LimitFault, shown, TemplateFault } from '../fault.ts'
import { Findings, materialize } from '../language/materialize.ts'
import { isObject, own, type Value, type ValueObject } from '../value.ts'
import type { DeclaredResource, Declaring } from './declared-resources.ts'
import { type Names, scopeOf } from './names.ts'
import type { Evaluated, NestedTemplate, PlannedResource } from './plan.ts'
import type { ResourceIndex } from './resource-index.ts'
import { evaluated } from './variables.ts'

const DEPLOYMENTS = 'microsoft.resources/deployments'

/** What a resource in a template says to the deployment alone. */
const NOT_IN_BODY: ReadonlySet<string> = new Set([
  'type',
  'name',
  'apiversion',
  'dependson',
  'condition',
  'copy',
  'scope',
  'resources',
  'comments',
  'metadata',
])

/** Plans one resource; what is wrong with it is noted. */
export function planResource(
  declared: DeclaredResource,
  { index, made, budget, findings }: Declaring,
): PlannedResource {
  const { id, type, name, apiVersion, path, names } = declared
  const isDeployment = type.toLowerCase() === DEPLOYMENTS
  const raw = bodyParts(declared.raw, isDeployment)
  const early = new Findings()
  const body = materialize(raw, path, scopeOf(names, budget, new Map()), early)
  for (const fault of early.faults) findings.add(fault)
  const implicit = [...early.needs.keys()].filter(key => key !== referenceKey(id))
  const waitsFor = [...declared.behind, ...dependencies(declared, index, budget, findings)]
  waitsFor.push(...implicit.filter(key => made.has(key)))
  const preview = {
    body: isObject(body) ? body : {},
    pending: early.pending.map(place => inBody(place, path)),
  }
  return {
    id,
    type,
    name,
    apiVersion,
    path,
    waitsFor: unique(waitsFor),
    preview,
    body: references =>
      early.needs.size === 0 && early.faults.length === 0
        ? { type: 'good', value: preview.body }
        : evaluatedWith(raw, path, names, references, isObject),
    nested: isDeployment ? nestedIn(declared, budget, findings) : undefined,
  }
}

/** Evaluates a part of a template that may ask things of resources. */
export function evaluatedWith<Result extends Value>(
  part: unknown,
  path: string,
  names: Names,
  references: References,
  isFit: (value: Value) => value is Result,
): Evaluated<Result> {
  const findings = new Findings()
  try {
    const value = materialize(part, path, scopeOf(names, new Budget(), references), findings)
    if (findings.faults.length > 0) return { type: 'bad', faults: findings.faults }
    if (findings.needs.size > 0) return { type: 'waiting', needs: [...findings.needs.values()] }
    if (value !== undefined && isFit(value)) return { type: 'good', value }
    return { type: 'bad', faults: [{ path, problem: 'is of another type', remedy: 'correct its value' }] }
  } catch (thrown) {
    if (thrown instanceof LimitFault) return { type: 'bad', faults: [thrown.at(path)] }
    throw thrown
  }
}

function bodyParts(raw: ValueObject, isDeployment: boolean): ValueObject {
  const parts = Object.entries(raw).filter(([name]) => !NOT_IN_BODY.has(name.toLowerCase()))
  if (!isDeployment) return Object.fromEntries(parts)
  // Its template is evaluated by itself.
  const kept = parts.filter(([name]) => !['resourcegroup', 'subscriptionid'].includes(name.toLowerCase()))
  return Object.fromEntries(
    kept.map(([name, part]) =>
      name.toLowerCase() === 'properties' && isObject(part)
        ? [name, Object.fromEntries(Object.entries(part).filter(([key]) => key.toLowerCase() !== 'template'))]
        : [name, part],
    ),
  )
}

/** A path in the template as one in the body. */
function inBody(place: string, path: string): string {
  return place.startsWith(`${path}.`) ? place.slice(path.length + 1) : place
}

function nestedIn(
  { raw, path, names }: DeclaredResource,
  budget: Budget,
  findings: Findings,
): NestedTemplate | undefined {
  const properties = own(raw, 'properties')
  const template = isObject(properties) ? own(properties, 'template') : undefined
  if (template === undefined || template === null) {
    const isLinked = isObject(properties) && own(properties, 'templateLink') !== undefined
    findings.add({
      path: `${path}.properties.${isLinked ? 'templateLink' : 'template'}`,
      problem: isLinked ? 'is a link; templates of other places are not fetched' : 'is missing',
      remedy: 'write the template itself into properties.template',
    })
    return undefined
  }
  const text = (key: string): string | undefined =>
    findings.at(path, () => {
      const given = own(raw, key)
      const value =
        typeof given === 'string' ? evaluated(given, `${path}.${key}`, scopeOf(names, budget)) : undefined
      return typeof value === 'string' ? value : undefined
    })
  return {
    template,
    outer: isInner(properties) ? undefined : names,
    subscriptionId: text('subscriptionId'),
    resourceGroup: text('resourceGroup'),
  }
}

/** Whether the expressions of a nested template are its own; ARM's default is that they are not. */
function isInner(properties: Value | undefined): boolean {
  const options = isObject(properties) ? own(properties, 'expressionEvaluationOptions') : undefined
  const scope = isObject(options) ? own(options, 'scope') : undefined
  return typeof scope === 'string' && scope.toLowerCase() === 'inner'
}

/** Ids of what a resource says that it waits for. */
function dependencies(
  { raw, path, names }: DeclaredResource,
  index: ResourceIndex,
  budget: Budget,
  findings: Findings,
): readonly string[] {
  const given = own(raw, 'dependsOn')
  if (given === undefined || given === null) return []
  const place = `${path}.dependsOn`
  const list = findings.at(place, () => evaluated(given, place, scopeOf(names, budget)))
  if (list === undefined) return []
  const texts = Array.isArray(list) ? (list as readonly Value[]) : [list]
  return texts.flatMap(
    (text, i) => findings.at(`${place}[${i}]`, () => dependency(text, index, budget)) ?? [],
  )
}

function dependency(text: Value, index: ResourceIndex, budget: Budget): readonly string[] {
  if (typeof text !== 'string') throw new TemplateFault('is no string', 'give the id or name of a resource')
  const found = index.called(text)
  budget.spend(found.length)
  if (found.length === 0)
    throw new TemplateFault(
      `names ${shown(text)}, which is no resource of the template`,
      'name a resource or a copy loop of the template, or leave it out when the resource is there already',
    )
  return found.filter(({ isSkipped }) => !isSkipped).map(({ id }) => id)
}

function unique(ids: readonly string[]): readonly string[] {
  // Most are spelled alike.
  return [...new Map([...new Set(ids)].map(id => [id.toLowerCase(), id])).values()]
}
