/** A pattern of actions, made ready: {@link compileActionPattern}. */
export interface ActionPattern {
  /** What stands between the asterisks, in order, in lower case and with {@link widen}ed slashes. */
  readonly pieces: readonly string[]
}

/** Ours: Azure's longest action has some 150 characters. */
export const LONGEST_ACTION = 512

/** `NAMESPACE/type[/type…]/verb`, as a request performs it. */
const ACTION = /^[a-z0-9._-]+(?:\/[a-z0-9._-]+)+$/i

const PATTERN = /^(?:\*|[a-z0-9._*-]+(?:\/[a-z0-9._*-]+)+)$/i

/** Whether `text` may stand in a role: an action, parts of which may be asterisks, or one asterisk alone. */
export function isPattern(text: string): boolean {
  return text.length <= LONGEST_ACTION && PATTERN.test(text)
}

/** Whether `text` is one action, without wildcards. */
export function isAction(text: string): boolean {
  return text.length <= LONGEST_ACTION && ACTION.test(text)
}

/**
 * Makes a pattern of a role ready. An asterisk stands for anything, slashes too. Between two slashes it may stand for
 * nothing at all: Azure's own roles rely on it, as Managed Identity Operator's `userAssignedIdentities/*` +
 * `/assign/action`, which is there for the action `userAssignedIdentities/assign/action`.
 */
export function compileActionPattern(pattern: string): ActionPattern {
  const pieces = pattern.toLowerCase().split('*')
  return { pieces: pieces.map((piece, at) => widenPiece(piece, at > 0, at < pieces.length - 1)) }
}

/** An action made ready for {@link matchesAction}. */
export function prepareAction(action: string): string {
  return widen(action.toLowerCase())
}

/**
 * Whether a pattern matches an action that was prepared. Each piece is looked for once, leftmost first, and never
 * again: no backtracking, whatever the pattern is.
 */
export function matchesAction({ pieces }: ActionPattern, prepared: string): boolean {
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return prepared === first
  if (!prepared.startsWith(first)) return false
  let from = first.length
  for (const piece of rest) {
    const at = prepared.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return prepared.length - last.length >= from && prepared.endsWith(last)
}

/** Two slashes for one, so that `a/` and `/b` with nothing between them fit on `a/b`. */
function widen(text: string): string {
  return text.replaceAll('/', '//')
}

/** A slash beside an asterisk stays one: it is met by either half of a widened one. */
function widenPiece(piece: string, afterAsterisk: boolean, beforeAsterisk: boolean): string {
  if (piece === '/' && afterAsterisk && beforeAsterisk) return piece
  const start = afterAsterisk && piece.startsWith('/') ? 1 : 0
  const end = beforeAsterisk && piece.endsWith('/') ? piece.length - 1 : piece.length
  return piece.slice(0, start) + widen(piece.slice(start, end)) + piece.slice(end)
}
