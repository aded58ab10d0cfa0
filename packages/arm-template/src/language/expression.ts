/** An expression of the template language, the brackets around it apart. */
export type Expression =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  /** `name(arguments)`; the name as it was written. */
  | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  /** `of.name`. */
  | { readonly type: 'property'; readonly of: Expression; readonly name: string }
  /** `of[at]`. */
  | { readonly type: 'entry'; readonly of: Expression; readonly at: Expression }

/** The expression as a template writes it, without brackets around it. */
export function formatExpression(expression: Expression): string {
  switch (expression.type) {
    case 'text':
      return `'${expression.value.replaceAll("'", "''")}'`
    case 'integer':
      return String(expression.value)
    case 'call':
      return `${expression.name}(${expression.arguments.map(formatExpression).join(', ')})`
    case 'property':
      return `${formatExpression(expression.of)}.${expression.name}`
    case 'entry':
      return `${formatExpression(expression.of)}[${formatExpression(expression.at)}]`
    default:
      return expression satisfies never
  }
}

/** Whether a text of a template is an expression: `[…]`, and not `[[…]`, which stands for `[…]`. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[')
}

/** A text of a template that is no expression, as it is meant. */
export function literalText(text: string): string {
  return text.startsWith('[[') && text.endsWith(']') ? text.slice(1) : text
}
