import { createConnection, type Socket } from 'node:net'
import { join, relative, resolve } from 'node:path'
import {
  CONTROL_SOCKET_NAME,
  type ControlMethod,
  type ControlRequest,
  type ControlResponse,
  type ControlResults,
} from '@causeway/api-contract'
import { CommandFailure, failureOf } from './command-failure.ts'

/** Longest answer taken: a million sessions fit. */
const RESPONSE_LIMIT = 512 * 1_024 * 1_024
/** Issuing an RSA 4096 key takes seconds; no command takes longer. */
const TIMEOUT_MILLISECONDS = 60_000

/** The request of one method. */
export type RequestOf<Method extends ControlMethod> = Extract<ControlRequest, { readonly method: Method }>

/**
 * Asks the gateway that runs on a data directory. `undefined`: none runs there. Errors:
 * `CommandFailure` with the gateway's own words, or when it does not answer.
 */
export async function askRunning<Method extends ControlMethod>(
  directory: string,
  request: RequestOf<Method>,
): Promise<ControlResults[Method] | undefined> {
  const path = resolve(directory, CONTROL_SOCKET_NAME)
  const socket = await connect(path)
  if (!socket) return undefined
  try {
    socket.write(`${JSON.stringify({ id: 1, ...request })}\n`)
    const response = JSON.parse(await firstLine(socket)) as ControlResponse
    if ('error' in response) throw failureOf(response.error.code, response.error.message)
    return response.result as ControlResults[Method]
  } finally {
    socket.destroy()
  }
}

/** No file, or nobody behind it: nothing runs. */
async function connect(path: string): Promise<Socket | undefined> {
  const near = relative(process.cwd(), path)
  const socket = createConnection(near.length < path.length ? join(near) : path)
  try {
    await new Promise<void>((done, fail) => {
      socket.once('connect', done)
      socket.once('error', fail)
    })
    return socket
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES') throw new CommandFailure(`${path}: permission denied; use sudo`, 'Forbidden')
    throw new CommandFailure(`cannot reach the gateway at ${path}: ${code ?? message}`)
  }
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = []
    let length = 0
    const broken = (reason: string): void =>
      fail(new CommandFailure(`the gateway ${reason}; look at its log`))
    socket.setTimeout(TIMEOUT_MILLISECONDS, () => broken('does not answer'))
    socket.on('error', error => broken(`broke off (${error.message})`))
    socket.on('close', () => broken('closed the connection without an answer'))
    socket.on('data', (bytes: Buffer) => {
      const end = bytes.indexOf('\n')
      parts.push(end < 0 ? bytes : bytes.subarray(0, end))
      length += bytes.length
      if (length > RESPONSE_LIMIT) broken('answered too much')
      else if (end >= 0) done(Buffer.concat(parts).toString('utf8'))
    })
  })
}
