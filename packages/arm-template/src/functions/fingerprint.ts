import type { Budget } from '../budget.ts'
import { isObject, type Value } from '../value.ts'

/** A text that two values share if and only if they are equal, whatever the order of their properties. */
export function fingerprint(value: Value, budget: Budget): string {
  budget.whole(value)
  return written(value)
}

function written(value: Value): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(written).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const parts = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${written(part)}`)
  return `{${parts.join(',')}}`
}

/** Whether two values are the same. */
export function isEqual(one: Value, other: Value, budget: Budget): boolean {
  if (typeof one === 'string') budget.spend(one.length >> 5)
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  return fingerprint(one, budget) === fingerprint(other, budget)
}

/** A value as text, as `string()` and `concat()` write it. */
export function textOf(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  budget.whole(value)
  return JSON.stringify(value)
}
