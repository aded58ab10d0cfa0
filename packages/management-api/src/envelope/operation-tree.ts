import { ARM_OPERATIONS, type ArmOperation } from '@causeway/api-contract'

/** Operations of one path, by what they are asked with. */
export type PathOperations = ReadonlyMap<string, ArmOperation>

interface Branch {
  readonly words: Map<string, Branch>
  parameter: Branch | undefined
  readonly operations: Map<string, ArmOperation>
}

/** What every path of the scope-less operations begins with; those at any scope begin with the other one. */
const AT_ANY_SCOPE = '/{scope}'

const plainTree = treeOf(ARM_OPERATIONS.filter(({ path }) => !path.startsWith(AT_ANY_SCOPE)))
const scopedTree = treeOf(
  ARM_OPERATIONS.filter(({ path }) => path.startsWith(AT_ANY_SCOPE)).map(operation => ({
    ...operation,
    path: operation.path.slice(AT_ANY_SCOPE.length),
  })),
)

/** A path that the registry knows, and how many words of it are the scope of an extension resource. */
export interface MatchedPath {
  readonly operations: PathOperations
  /** Of operations at any scope: the words before `providers`. */
  readonly scopeWords: number | undefined
}

/** Finds the operations of a path, its words decoded; words that are not parameters are compared in any case. */
export function matchPath(words: readonly string[]): MatchedPath | undefined {
  const lower = words.map(word => word.toLowerCase())
  const plain = find(plainTree, lower, 0)
  if (plain) return { operations: plain.operations, scopeWords: undefined }
  const extension = lower.findLastIndex((word, i) => word === 'providers' && i + 1 < lower.length)
  if (extension < 0) return undefined
  const scoped = find(scopedTree, lower.slice(extension), 0)
  return scoped && { operations: scoped.operations, scopeWords: extension }
}

function find(branch: Branch, words: readonly string[], at: number): Branch | undefined {
  const word = words[at]
  if (word === undefined) return branch.operations.size > 0 ? branch : undefined
  const exact = branch.words.get(word)
  const found = exact && find(exact, words, at + 1)
  return found ?? (branch.parameter && find(branch.parameter, words, at + 1))
}

function treeOf(operations: readonly ArmOperation[]): Branch {
  const root = newBranch()
  for (const operation of operations) {
    let branch = root
    for (const word of operation.path.slice(1).split('/')) branch = grow(branch, word)
    branch.operations.set(operation.method, operation)
  }
  return root
}

function grow(branch: Branch, word: string): Branch {
  if (word.startsWith('{')) {
    branch.parameter ??= newBranch()
    return branch.parameter
  }
  const key = word.toLowerCase()
  const present = branch.words.get(key)
  if (present) return present
  const made = newBranch()
  branch.words.set(key, made)
  return made
}

function newBranch(): Branch {
  return { words: new Map(), parameter: undefined, operations: new Map() }
}
