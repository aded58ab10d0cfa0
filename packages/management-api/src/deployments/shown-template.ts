import { resourceTypeDefinition, SECURE_PARAMETER_TYPES, withoutWriteOnly } from '@causeway/api-contract'
import { isExpression } from '@causeway/arm-template'
import { isObject } from '../resources/document.ts'

/** A template as it is kept and exported: without defaults of secure parameters, and without secrets written into it. */
export function shownTemplate(template: unknown): unknown {
  if (!isObject(template)) return template
  return mapped(template, (name, part) => {
    if (name === 'parameters' && isObject(part))
      return mapped(part, (_, parameter) => shownParameter(parameter))
    if (name === 'resources' && Array.isArray(part)) return part.map(shownResource)
    return part
  })
}

type Part = Readonly<Record<string, unknown>>

/** A copy with other parts; names in lower case, in order to be compared. */
function mapped(object: Part, change: (name: string, part: unknown) => unknown): Part {
  return Object.fromEntries(
    Object.entries(object).map(([name, part]) => [name, change(name.toLowerCase(), part)]),
  )
}

function shownParameter(parameter: unknown): unknown {
  if (!isObject(parameter)) return parameter
  const { type } = parameter
  const isSecret = SECURE_PARAMETER_TYPES.some(each => each === String(type).toLowerCase())
  if (!isSecret) return parameter
  return Object.fromEntries(
    Object.entries(parameter).filter(([name]) => name.toLowerCase() !== 'defaultvalue'),
  )
}

function shownResource(resource: unknown): unknown {
  if (!isObject(resource)) return resource
  const { type } = resource
  const definition = typeof type === 'string' ? resourceTypeDefinition(type) : undefined
  const shown = definition ? withoutWriteOnly(definition.model, resource) : undefined
  return mapped(resource, (name, part) => {
    if (name === 'resources' && Array.isArray(part)) return part.map(shownResource)
    if (name !== 'properties' || !isObject(part)) return part
    if (String(type).toLowerCase() === 'microsoft.resources/deployments')
      return mapped(part, (inner, value) => {
        if (inner === 'template') return shownTemplate(value)
        return inner === 'parameters' ? undefined : value
      })
    const { properties } = isObject(shown) ? shown : {}
    return keepingExpressions(part, isObject(properties) ? properties : part)
  })
}

/** The shown parts of a value, and those left out of it that are expressions: they are no secrets by themselves. */
function keepingExpressions(whole: unknown, shown: unknown): unknown {
  if (Array.isArray(whole) && Array.isArray(shown))
    return whole.map((entry, i) => keepingExpressions(entry, shown[i]))
  if (!isObject(whole) || !isObject(shown)) return whole
  return Object.fromEntries(
    Object.entries(whole).flatMap(([name, part]) => {
      if (Object.hasOwn(shown, name)) return [[name, keepingExpressions(part, shown[name])] as const]
      return typeof part === 'string' && isExpression(part) ? [[name, part] as const] : []
    }),
  )
}
