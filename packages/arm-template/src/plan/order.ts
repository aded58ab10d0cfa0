import type { DocumentFault } from '@causeway/api-contract'
import { shown } from '../fault.ts'
import type { Findings } from '../language/materialize.ts'

/** What is to be done, and after what. */
export interface Ordered {
  readonly id: string
  readonly path: string
  readonly waitsFor: readonly string[]
}

/** Everything behind what it waits for, else as it stood. What waits for itself in a circle is noted. */
export function inOrder<Each extends Ordered>(all: readonly Each[], findings: Findings): readonly Each[] {
  const nodes = new Map<string, Node<Each>>(
    all.map(each => [each.id.toLowerCase(), { each, before: 0, after: [] }]),
  )
  for (const node of nodes.values())
    for (const id of node.each.waitsFor) {
      const other = nodes.get(id.toLowerCase())
      if (!other) continue
      node.before++
      other.after.push(node)
    }
  const ordered = [...nodes.values()].filter(({ before }) => before === 0)
  // The list grows while it is walked through.
  for (const { after } of ordered) for (const next of after) if (--next.before === 0) ordered.push(next)
  const left = [...nodes.values()].filter(({ before }) => before > 0).map(({ each }) => each)
  if (left[0]) findings.add(circleFault(left[0], left))
  return ordered.map(({ each }) => each)
}

interface Node<Each> {
  readonly each: Each
  /** How many it still waits for. */
  before: number
  /** Who waits for it. */
  readonly after: Node<Each>[]
}

function circleFault(first: Ordered, left: readonly Ordered[]): DocumentFault {
  const names = left.slice(0, 5).map(({ id }) => shown(id.split('/').slice(-2).join('/')))
  return {
    path: `${first.path}.dependsOn`,
    problem: `is in a circle of resources that wait for each other: ${names.join(', ')}`,
    remedy: 'remove one of their dependencies',
  }
}
