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
 * Reads JSON; an empty body is none. Its depth is bounded: what looks at it goes down into it. A deployment may be in the
 * JSON of templates: az sends the template's file as it is.
 */
export async function readJsonBody(request: FastifyRequest, body: string | Buffer): Promise<unknown> {
  const text = body.toString()
  if (text.trim() === '') return undefined
  const value = DEPLOYMENT.test(request.url) ? parsedTemplate(text) : parsed(text)
  if (isDeeper(value, limits.bodyDepth))
    throw new BodyError(`it has more than ${limits.bodyDepth} objects and lists within each other`)
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
    // `__proto__` is made a property like any other by JSON.parse; it is nobody's, and does not come further.
    return JSON.parse(text, (name, value) => (name === '__proto__' ? undefined : value))
  } catch (error) {
    throw new BodyError(error instanceof RangeError ? 'it is nested too deeply' : 'it is not JSON')
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(inner => isDeeper(inner, depth - 1))
}
