import {
  type DocumentFault,
  PARAMETER_TYPES,
  type ParameterType,
  SECURE_PARAMETER_TYPES,
} from '@causeway/api-contract'
import type { Scope } from '../context.ts'
import { shown, TemplateFault } from '../fault.ts'
import { isEqual } from '../functions/fingerprint.ts'
import { isObject, kindOf, own, type Value, type ValueObject } from '../value.ts'
import { LazyValues } from './lazy-values.ts'
import { evaluated } from './variables.ts'

/** A parameter that a template declares. */
export interface DeclaredParameter {
  readonly name: string
  readonly type: ParameterType
  /** Whether its value is a secret: never stored, answered or logged. */
  readonly isSecret: boolean
}

/** The parameters of a template, and what is wrong with their declarations and with what was given for them. */
export interface Parameters {
  readonly declared: readonly DeclaredParameter[]
  readonly values: LazyValues
  readonly faults: readonly DocumentFault[]
}

/** Reads the declarations of parameters and what was given for them (`{"name": {"value": …}}`). */
export function parametersOf(section: unknown, given: unknown, scopeOf: () => Scope): Parameters {
  const declarations = isObject(section) ? section : {}
  const gifts = isObject(given) ? given : {}
  const faults: DocumentFault[] = []
  const declared = Object.entries(declarations).flatMap(([name, declaration]): DeclaredParameter[] => {
    const type = typeOf(declaration)
    if (type) return [{ name, type, isSecret: SECURE_PARAMETER_TYPES.includes(type) }]
    faults.push({
      path: `parameters.${name}.type`,
      problem: 'is no type of a parameter',
      remedy: `use one of ${PARAMETER_TYPES.join(', ')}`,
    })
    return []
  })
  faults.push(...unknownGifts(gifts, declarations))
  const values = new LazyValues(
    'parameters',
    declared.map(({ name }) => name),
    name => {
      const parameter = declared.find(each => each.name === name)
      const declaration = Object.hasOwn(declarations, name) ? declarations[name] : undefined
      if (!parameter || !isObject(declaration)) throw new TemplateFault('is not declared', 'declare it')
      return parameterValue(parameter, declaration, own(gifts, name), scopeOf())
    },
  )
  return { declared, values, faults }
}

/** The type that a declaration of a parameter or an output names, in any case. */
export function typeOf(declaration: unknown): ParameterType | undefined {
  const { type }: ValueObject = isObject(declaration) ? declaration : {}
  const wanted = typeof type === 'string' ? type.toLowerCase() : undefined
  return PARAMETER_TYPES.find(each => each === wanted)
}

/** Whether a value is of a type. */
export function isOfType(value: Value, type: ParameterType): boolean {
  switch (type) {
    case 'string':
    case 'securestring':
      return typeof value === 'string'
    case 'int':
      return typeof value === 'number' && Number.isSafeInteger(value)
    case 'bool':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value)
    case 'object':
    case 'secureobject':
      return isObject(value)
    default:
      return type satisfies never
  }
}

function unknownGifts(gifts: ValueObject, declarations: ValueObject): DocumentFault[] {
  return Object.keys(gifts)
    .filter(name => own(declarations, name) === undefined)
    .map(name => ({
      path: `parameters.${name}`,
      problem: 'is not a parameter of the template',
      remedy: `leave it out; the template has ${Object.keys(declarations).map(shown).join(', ') || 'none'}`,
    }))
}

function parameterValue(
  parameter: DeclaredParameter,
  declaration: ValueObject,
  gift: Value | undefined,
  scope: Scope,
): Value {
  const path = `parameters.${parameter.name}`
  const value = givenValue(path, gift) ?? defaultOf(path, own(declaration, 'defaultValue'), scope)
  if (!isOfType(value, parameter.type))
    throw new TemplateFault(`is ${kindOf(value)}`, `give a value of the type ${parameter.type}`, path)
  scope.budget.whole(value)
  judgeValue(path, value, declaration, scope)
  return value
}

function givenValue(path: string, gift: Value | undefined): Value | undefined {
  if (gift === undefined) return undefined
  const value = isObject(gift) ? own(gift, 'value') : undefined
  if (value !== undefined) return value
  if (isObject(gift) && own(gift, 'reference') !== undefined)
    throw new TemplateFault(
      'is a reference to a vault, which deployments here do not follow',
      'read the secret and give it as the value',
      path,
    )
  return undefined
}

function defaultOf(path: string, declared: Value | undefined, scope: Scope): Value {
  if (declared === undefined)
    throw new TemplateFault('has neither a value nor a default', 'give it a value', path)
  return evaluated(declared, `${path}.defaultValue`, scope)
}

/** Of a secret nothing is told but what was wanted. */
function judgeValue(path: string, value: Value, declaration: ValueObject, { budget }: Scope): void {
  const allowed = own(declaration, 'allowedValues')
  if (Array.isArray(allowed) && !allowed.some(each => isEqual(each as Value, value, budget)))
    throw new TemplateFault(
      'is not an allowed value',
      `use one of ${allowed
        .map(each => JSON.stringify(each))
        .join(', ')
        .slice(0, 300)}`,
      path,
    )
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : undefined
  judgeBounds(path, 'length', length, own(declaration, 'minLength'), own(declaration, 'maxLength'))
  const number = typeof value === 'number' ? value : undefined
  judgeBounds(path, 'value', number, own(declaration, 'minValue'), own(declaration, 'maxValue'))
}

function judgeBounds(
  path: string,
  what: string,
  size: number | undefined,
  minimum: Value | undefined,
  maximum: Value | undefined,
): void {
  if (size === undefined) return
  if (typeof minimum === 'number' && size < minimum)
    throw new TemplateFault(`has a ${what} that is too small`, `give at least ${minimum}`, path)
  if (typeof maximum === 'number' && size > maximum)
    throw new TemplateFault(`has a ${what} that is too large`, `give at most ${maximum}`, path)
}
