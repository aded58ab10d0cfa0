import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { DeployedResource } from '@causeway/api-contract'
import { onTestFinished } from 'vitest'
import type { AskHidden } from './command.ts'
import { run } from './run.ts'

/** What a command line came to. */
export interface Ran {
  readonly exitCode: number
  readonly output: string
  readonly errors: readonly string[]
}

/** Runs a command line on a data directory, at a terminal where somebody answers. */
export async function runOn(directory: string, args: readonly string[], ask?: AskHidden): Promise<Ran> {
  const output: string[] = []
  const errors: string[] = []
  const streams = {
    output: (line: string) => output.push(line),
    error: (line: string) => errors.push(line),
    ...(ask && { ask }),
  }
  const exitCode = await run([...args, '--data', directory], streams)
  return { exitCode, output: output.join('\n'), errors }
}

export type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }

/** A gateway that gives the same answer to every request, after this progress, and tells what it was asked. */
export async function gatewayOn(
  directory: string,
  answer: Answer | 'silence',
  ...progress: DeployedResource[]
): Promise<string[]> {
  const requests: string[] = []
  const server: Server = createServer(socket => {
    socket.on('data', bytes => {
      requests.push(bytes.toString('utf8'))
      if (answer === 'silence') socket.destroy()
      else socket.write([...progress.map(each => ({ progress: each })), answer].map(line).join(''))
    })
  })
  await new Promise<void>(resolve => server.listen(join(directory, 'control.sock'), resolve))
  onTestFinished(() => new Promise(resolve => server.close(() => resolve())))
  return requests
}

function line(content: object): string {
  return `${JSON.stringify({ id: 1, ...content })}\n`
}
