import type { Checked, DocumentFault } from '@causeway/api-contract'
import { Budget } from '../budget.ts'
import type { Scope, TemplateContext } from '../context.ts'
import { LimitFault, shown, TemplateFault } from '../fault.ts'
import { Findings } from '../language/materialize.ts'
import { LIMITS } from '../limits.ts'
import { isObject, kindOf, own, type ValueObject } from '../value.ts'
import { type DeclaredResource, type Declaring, declareResources } from './declared-resources.ts'
import { type Names, scopeOf } from './names.ts'
import { inOrder } from './order.ts'
import { outputsOf } from './outputs.ts'
import { type Parameters, parametersOf } from './parameters.ts'
import type { NestedTemplate, Plan } from './plan.ts'
import { planResource } from './planned-resource.ts'
import { ResourceIndex } from './resource-index.ts'
import { secretJudge, secretTexts, withoutSecrets } from './secrets.ts'
import { variablesOf } from './variables.ts'

/** What a deployment brings. */
export interface TemplateSource {
  readonly template: unknown
  /** By name: `{"value": …}`. */
  readonly parameters: unknown
  /** Of a template in another one: where its names come from. */
  readonly outer?: NestedTemplate['outer']
  /** What may be spent on it and others together. Default: what one template may. */
  readonly budget?: Budget
}

/**
 * Reads a template: evaluates all of it that does not ask for properties of resources, and puts its resources in an
 * order in which each stands behind what it waits for. Never throws on what is in the template; everything that is
 * wrong is a fault with its place, as `resources[0].properties.sharedKey`.
 */
export function readTemplate(source: TemplateSource, context: TemplateContext): Checked<Plan> {
  const findings = new Findings()
  const secrets: string[] = []
  const plan = planOf(source, context, findings, secrets)
  return plan && findings.faults.length === 0
    ? { type: 'good', value: plan }
    : { type: 'bad', faults: withoutSecrets(findings.faults, secrets) }
}

function planOf(
  source: TemplateSource,
  context: TemplateContext,
  findings: Findings,
  secrets: string[],
): Plan | undefined {
  const { template } = source
  if (!isObject(template)) {
    findings.add({ path: '', problem: `the template is ${kindOf(template)}`, remedy: 'give an object' })
    return undefined
  }
  try {
    return evaluatedPlan(source, template, context, findings, secrets)
  } catch (thrown) {
    if (thrown instanceof LimitFault) findings.add(thrown.at(''))
    else throw thrown
    return undefined
  }
}

function evaluatedPlan(
  { parameters: given, outer, budget = new Budget() }: TemplateSource,
  template: ValueObject,
  context: TemplateContext,
  findings: Findings,
  secrets: string[],
): Plan {
  budget.spend(LIMITS.templateSteps)
  budget.whole(template)
  const found: DeclaredResource[] = []
  const index = new ResourceIndex(found)
  const { names, parameters } = namesOf(template, given, context, budget, index, outer)
  for (const fault of parameters.faults) findings.add(fault)
  const values = parameters.declared.flatMap(declared => {
    const path = `parameters.${declared.name}`
    const value = findings.at(path, () => parameters.values.value(declared.name))
    return value === undefined ? [] : [{ ...declared, value }]
  })
  secrets.push(...secretTexts(values.filter(({ isSecret }) => isSecret).map(({ value }) => value)))
  const declaring: Declaring = { names, budget, findings, found, index, made: new Set() }
  declareResources(declaring, own(template, 'resources') ?? null, 'resources')
  const planned = found
    .filter(({ isSkipped }) => !isSkipped)
    .map(declared => planResource(declared, declaring))
  const outputs = outputsOf(own(template, 'outputs'), names, budget, findings)
  return {
    parameters: values,
    resources: inOrder(planned, findings),
    outputs,
    secrets,
  }
}

/** What the names in a template stand for: its own parameters and variables, or those of the template around it. */
function namesOf(
  template: ValueObject,
  given: unknown,
  context: TemplateContext,
  budget: Budget,
  index: ResourceIndex,
  outer: Names | undefined,
): { readonly names: Names; readonly parameters: Parameters } {
  const resourceNamed = (name: string): string => idOf(name, index)
  if (outer) {
    const parameters = parametersOf({}, {}, () => scopeOf(names, budget))
    const names: Names = { ...outer, context, resourceNamed }
    return { names, parameters }
  }
  const scope = (): Scope => scopeOf(names, budget)
  const section = own(template, 'variables')
  const parameters = parametersOf(own(template, 'parameters'), given, () => ({
    ...scope(),
    isDefault: true,
    variable: name => {
      throw new TemplateFault(
        `refers to the variable ${shown(name)}`,
        'defaults of parameters may use other parameters, and no variables',
      )
    },
  }))
  const variables = variablesOf(section, scope)
  const secret = parameters.declared.filter(({ isSecret }) => isSecret).map(({ name }) => name.toLowerCase())
  const names: Names = {
    context,
    parameter: name => parameters.values.value(name),
    variable: name => variables.value(name),
    resourceNamed,
    loops: [],
    isSecret: secretJudge(new Set(secret), section),
  }
  return { names, parameters }
}

/** The id of a resource of the template by its name, or its type and name. */
function idOf(text: string, index: ResourceIndex): string {
  const [first, other] = index.called(text)
  if (!first)
    throw new TemplateFault(
      `refers to ${shown(text)}, which is no resource of the template`,
      'give its id with resourceId() when it is there already',
    )
  if (other && other.id.toLowerCase() !== first.id.toLowerCase())
    throw new TemplateFault(
      `refers to ${shown(text)}, which several resources of the template are called`,
      'give the id of the one that is meant with resourceId()',
    )
  return first.id
}

/** Faults of a template in another one, with where that stands. */
export function faultsWithin(faults: readonly DocumentFault[], path: string): readonly DocumentFault[] {
  return faults.map(fault => ({ ...fault, path: fault.path === '' ? path : `${path}.${fault.path}` }))
}
