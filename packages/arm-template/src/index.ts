/** Templates of Azure Resource Manager: their expressions, and what they come to. */
export { Budget } from './budget.ts'
export { type References, referenceKey, type TemplateContext } from './context.ts'
export type { Need } from './fault.ts'
export { type Expression, formatExpression, isExpression, literalText } from './language/expression.ts'
export { type ParsedExpression, parseExpression } from './language/parse-expression.ts'
export { strictJson } from './language/template-json.ts'
export { LIMITS } from './limits.ts'
export type { DeclaredParameter } from './plan/parameters.ts'
export type {
  Evaluated,
  NestedTemplate,
  Plan,
  PlannedOutput,
  PlannedResource,
  Preview,
} from './plan/plan.ts'
export { faultsWithin, readTemplate, type TemplateSource } from './plan/read-template.ts'
export { textsIn, withoutSecrets } from './plan/secrets.ts'
export type { Value, ValueObject } from './value.ts'
