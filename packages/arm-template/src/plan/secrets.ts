import { type Expression, isExpression } from '../language/expression.ts'
import { parseExpression } from '../language/parse-expression.ts'
import { isObject, own, type Value, type ValueObject } from '../value.ts'

/** Ours: what looking for secrets may cost, in comparisons. What is not looked through any more is not shown. */
const COMPARISONS = 1_000_000
/** Ours: characters that one comparison goes through at most. */
const COMPARED = 256
/** Shorter texts are in too many others to be looked for in them. */
const SHORTEST_PART = 4
/** Ours: calls in each other, through variables, that are followed. */
const DEEPEST = 1_000

/** Every text in a value. */
export function textsIn(value: Value): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(textsIn)
  return isObject(value) ? Object.values(value).flatMap(textsIn) : []
}

/** How long pieces of a text are in messages: a secret may stand in one without its end. */
const CUTS = [200, 60] as const

/** The texts of secret values, as they may be found in others; longer ones first, as one may be a part of another. */
export function secretTexts(values: readonly Value[]): readonly string[] {
  const texts = values.flatMap(textsIn)
  const cut = texts.flatMap(text =>
    CUTS.filter(length => text.length > length).map(length => text.slice(0, length)),
  )
  return [...new Set([...texts, ...cut])].sort((one, other) => other.length - one.length)
}

/**
 * A value in which no secret can be read: what is one, or holds one, is `[secret]`; and so is every further text, when
 * there are so many of both that looking would take too long.
 */
export function withoutSecrets<Of>(value: Of, secrets: readonly string[]): Of {
  if (secrets.length === 0) return value
  return hidden(value as Value, { secrets, comparisons: COMPARISONS }) as Of
}

interface Search {
  readonly secrets: readonly string[]
  /** How many there may still be. */
  comparisons: number
}

function hidden(value: Value, search: Search): Value {
  if (typeof value === 'string') return hiddenText(value, search)
  if (Array.isArray(value)) return (value as readonly Value[]).map(each => hidden(each, search))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [hiddenText(name, search), hidden(part, search)]),
  )
}

function hiddenText(text: string, search: Search): string {
  const { secrets } = search
  search.comparisons -= secrets.length * Math.ceil(text.length / COMPARED)
  if (search.comparisons < 0) return '[secret]'
  let shown = text
  for (const secret of secrets)
    if (text === secret) return '[secret]'
    else if (secret.length >= SHORTEST_PART) shown = shown.replaceAll(secret, '[secret]')
  return shown
}

/**
 * Whether what a part of a template comes to is made of a secret: it names a parameter whose value is one, or a variable
 * that does.
 */
export function secretJudge(
  secretParameters: ReadonlySet<string>,
  variables: unknown,
): (part: unknown) => boolean {
  const judge = new SecretJudge(secretParameters, isObject(variables) ? variables : {})
  return part => judge.isMade(part)
}

class SecretJudge {
  readonly #secretParameters: ReadonlySet<string>
  readonly #variables: ValueObject
  readonly #known = new Map<string, boolean>()
  #depth = 0

  constructor(secretParameters: ReadonlySet<string>, variables: ValueObject) {
    this.#secretParameters = secretParameters
    this.#variables = variables
  }

  isMade(part: unknown): boolean {
    if (typeof part === 'string') return isExpression(part) && this.#isMadeOf(part)
    if (Array.isArray(part)) return part.some(each => this.isMade(each))
    return (
      isObject(part) && Object.entries(part).some(([name, each]) => this.isMade(name) || this.isMade(each))
    )
  }

  #isMadeOf(text: string): boolean {
    const parsed = parseExpression(text)
    return parsed.type === 'expression' && this.#callsSecret(parsed.expression)
  }

  #callsSecret(expression: Expression): boolean {
    // What goes deeper than anybody can follow may be anything.
    if (this.#depth >= DEEPEST) return true
    this.#depth++
    const found = this.#isCalling(expression)
    this.#depth--
    return found
  }

  #isCalling(expression: Expression): boolean {
    switch (expression.type) {
      case 'text':
      case 'integer':
        return false
      case 'property':
        return this.#callsSecret(expression.of)
      case 'entry':
        return this.#callsSecret(expression.of) || this.#callsSecret(expression.at)
      case 'call':
        return this.#isSecretCall(expression)
      default:
        return expression satisfies never
    }
  }

  #isSecretCall({ name, arguments: given }: Extract<Expression, { readonly type: 'call' }>): boolean {
    const [first] = given
    const named = first?.type === 'text' ? first.value : undefined
    const secrets = this.#secretParameters
    switch (name.toLowerCase()) {
      // A name that is made up may be any.
      case 'parameters':
        return named === undefined ? secrets.size > 0 : secrets.has(named.toLowerCase())
      case 'variables':
        return named === undefined ? secrets.size > 0 : this.#ofVariable(named)
      default:
        return given.some(each => this.#callsSecret(each))
    }
  }

  #ofVariable(name: string): boolean {
    const key = name.toLowerCase()
    const present = this.#known.get(key)
    if (present !== undefined) return present
    // A variable that refers to itself is refused where it is used.
    this.#known.set(key, false)
    const found = this.isMade(own(this.#variables, name) ?? own(this.#variables, 'copy'))
    this.#known.set(key, found)
    return found
  }
}
