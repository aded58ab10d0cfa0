import type { FastifyReply } from 'fastify'
import type { Answer } from './answer.ts'

/** Sends an answer: JSON, or nothing. */
export function sendAnswer(
  reply: FastifyReply,
  { status, body, headers = {} }: Answer,
  common: Readonly<Record<string, string>>,
): FastifyReply {
  reply.code(status).headers({ ...common, ...headers })
  if (body === undefined) return reply.send()
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}
