import { strictJson } from '@causeway/arm-template'
import type { FastifyRequest } from 'fastify'
import { limits } from '../limits.ts'

/** A body that is not what it says it is. */
export class BodyError extends Error {
  readonly problem: string

  constructor(problem: string) {
    super(problem)
    this.name = 'BodyError'
    this.problem = problem
  }
}

/**
 * Reads JSON; an empty body is none. Its depth is bounded, and its values: what looks at it goes through all of them. A
 * deployment may be in the JSON of templates: az sends the template's file as it is.
 */
export async function readJsonBody(request: FastifyRequest, body: string | Buffer): Promise<unknown> {
  const text = body.toString()
  if (text.trim() === '') return undefined
  const value = DEPLOYMENT.test(request.url) ? parsedTemplate(text) : parsed(text)
  judgeSize(value, limits.bodyDepth, { values: limits.bodyValues })
  return value
}

const DEPLOYMENT = /^[^?]*\/providers\/Microsoft\.Resources\/deployments\//i

function parsedTemplate(text: string): unknown {
  try {
    return parsed(text)
  } catch (error) {
    if (error instanceof BodyError) return parsed(strictJson(text))
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BodyError(error instanceof RangeError ? 'it is nested too deeply' : 'it is not JSON')
  }
}

/** Errors: `BodyError` for what is too deep or too much. */
function judgeSize(value: unknown, depth: number, left: { values: number }): void {
  left.values--
  if (left.values < 0) throw new BodyError(`it has more than ${limits.bodyValues} values; send it in parts`)
  if (typeof value !== 'object' || value === null) return
  if (depth === 0)
    throw new BodyError(`it has more than ${limits.bodyDepth} objects and lists within each other`)
  // `__proto__` is made a property like any other by JSON.parse; it is nobody's, and does not come further.
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  for (const inner of Object.values(value)) judgeSize(inner, depth - 1, left)
}
