import type { Scope } from '../context.ts'
import { LimitFault, TemplateFault } from '../fault.ts'
import { Findings, materialize } from '../language/materialize.ts'
import { isObject, type Value } from '../value.ts'
import { LazyValues } from './lazy-values.ts'

/** The variables of a template, each evaluated when it is first used. */
export function variablesOf(section: unknown, scopeOf: () => Scope): LazyValues {
  const declared = isObject(section) ? section : {}
  const copies = Object.entries(declared).find(([name]) => name.toLowerCase() === 'copy')?.[1]
  const loops = Array.isArray(copies) ? copies.filter(isObject) : []
  const looped = new Map(
    loops.flatMap(loop => {
      const { name } = loop
      return typeof name === 'string' ? [[name, loop] as const] : []
    }),
  )
  const names = [...Object.keys(declared).filter(name => name.toLowerCase() !== 'copy'), ...looped.keys()]
  return new LazyValues('variables', names, name => {
    const loop = looped.get(name)
    if (loop) {
      const made = evaluated({ copy: [loop] }, 'variables', scopeOf())
      const { [name]: value = null } = isObject(made) ? made : {}
      return value
    }
    return evaluated(declared[name], `variables.${name}`, scopeOf())
  })
}

/** A part of a template that has to come to something now. Raises the first fault in it. */
export function evaluated(part: unknown, path: string, scope: Scope): Value {
  return scope.budget.deeper(() => {
    const findings = new Findings()
    const value = materialize(part, path, scope, findings)
    const [first] = findings.faults
    if (first) throw new TemplateFault(first.problem, first.remedy, first.path)
    if (value === undefined) throw new LimitFault('came to nothing', 'write it otherwise', path)
    return value
  })
}
