import { COLLECTION_FUNCTIONS } from './collections.ts'
import { CONVERSION_FUNCTIONS } from './conversions.ts'
import { DATE_FUNCTIONS } from './dates.ts'
import { LOGIC_FUNCTIONS } from './logic.ts'
import { NUMBER_FUNCTIONS } from './numbers.ts'
import { RESOURCE_FUNCTIONS } from './resources.ts'
import type { FunctionTable, TemplateFunction } from './template-function.ts'
import { TEXT_FUNCTIONS } from './text.ts'

const TABLES: readonly FunctionTable[] = [
  RESOURCE_FUNCTIONS,
  TEXT_FUNCTIONS,
  COLLECTION_FUNCTIONS,
  NUMBER_FUNCTIONS,
  LOGIC_FUNCTIONS,
  CONVERSION_FUNCTIONS,
  DATE_FUNCTIONS,
]

const BY_NAME: ReadonlyMap<string, TemplateFunction> = new Map(
  TABLES.flatMap(table => Object.entries(table).map(([name, found]) => [name.toLowerCase(), found] as const)),
)

/** A function by its name in any case. */
export function functionNamed(name: string): TemplateFunction | undefined {
  return BY_NAME.get(name.toLowerCase())
}
