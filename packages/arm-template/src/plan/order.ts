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
  const left = new Map(all.map(each => [each.id.toLowerCase(), each]))
  const ordered: Each[] = []
  for (let isMoving = true; isMoving; ) {
    const free = [...left.values()].filter(({ waitsFor }) =>
      waitsFor.every(id => !left.has(id.toLowerCase())),
    )
    isMoving = free.length > 0
    for (const each of free) {
      ordered.push(each)
      left.delete(each.id.toLowerCase())
    }
  }
  const [first] = left.values()
  if (first) {
    const circle = [...left.values()].slice(0, 5).map(({ id }) => shown(id.split('/').slice(-2).join('/')))
    findings.add({
      path: `${first.path}.dependsOn`,
      problem: `is in a circle of resources that wait for each other: ${circle.join(', ')}`,
      remedy: 'remove one of their dependencies',
    })
  }
  return ordered
}
