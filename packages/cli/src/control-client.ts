import { createConnection, type Socket } from 'node:net'
import { join, relative, resolve } from 'node:path'
import {
  CONTROL_SOCKET_NAME,
  type ControlMethod,
  type ControlProgress,
  type ControlRequest,
  type ControlResponse,
  type ControlResults,
  type DeployedResource,
} from '@causeway/api-contract'
import { CommandFailure, failureOf } from './command-failure.ts'

/** Longest line taken: a million sessions fit. */
const RESPONSE_LIMIT = 512 * 1_024 * 1_024
/** Longest silence. Issuing an RSA 4096 key takes seconds; no command but a template takes longer. */
const TIMEOUT_MILLISECONDS = 60_000
/** Between two lines of a template: a gateway that is made anew. */
const TEMPLATE_TIMEOUT_MILLISECONDS = 900_000

/** The request of one method. */
export type RequestOf<Method extends ControlMethod> = Extract<ControlRequest, { readonly method: Method }>

/**
 * Asks the gateway that runs on a data directory. `undefined`: none runs there. Errors:
 * `CommandFailure` with the gateway's own words, or when it does not answer.
 */
export async function askRunning<Method extends ControlMethod>(
  directory: string,
  request: RequestOf<Method>,
  onProgress: (resource: DeployedResource) => void = () => undefined,
): Promise<ControlResults[Method] | undefined> {
  const path = resolve(directory, CONTROL_SOCKET_NAME)
  const socket = await connect(path)
  if (!socket) return undefined
  try {
    socket.setTimeout(
      request.method === 'template.apply' ? TEMPLATE_TIMEOUT_MILLISECONDS : TIMEOUT_MILLISECONDS,
    )
    socket.write(`${JSON.stringify({ id: 1, ...request })}\n`)
    const response = await lastLine(socket, onProgress)
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

/** The response, after whatever progress comes before it. */
function lastLine(
  socket: Socket,
  onProgress: (resource: DeployedResource) => void,
): Promise<ControlResponse> {
  return new Promise((done, fail) => {
    const broken = (reason: string): void =>
      fail(new CommandFailure(`the gateway ${reason}; look at its log`))
    const lines = new Lines(text => {
      const line = parsedLine(text)
      if (line === undefined) broken('answered what is no JSON')
      else if ('progress' in line) onProgress(line.progress)
      else done(line)
    })
    socket.on('timeout', () => broken('does not answer'))
    socket.on('error', error => broken(`broke off (${error.message})`))
    socket.on('close', () => broken('closed the connection without an answer'))
    socket.on('data', (bytes: Buffer) => {
      if (!lines.push(bytes)) broken('answered too much')
    })
  })
}

/** Puts lines together from pieces. */
class Lines {
  readonly #onLine: (text: string) => void
  #parts: Buffer[] = []
  #length = 0

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine
  }

  /** `false`: the line is longer than any that is taken. */
  push(bytes: Buffer): boolean {
    let rest = bytes
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = Buffer.concat([...this.#parts, rest.subarray(0, end)])
      this.#parts = []
      this.#length = 0
      rest = rest.subarray(end + 1)
      this.#onLine(line.toString('utf8'))
    }
    this.#parts.push(rest)
    this.#length += rest.length
    return this.#length <= RESPONSE_LIMIT
  }
}

function parsedLine(text: string): ControlResponse | ControlProgress | undefined {
  try {
    return JSON.parse(text) as ControlResponse | ControlProgress
  } catch {
    // Whatever answers there, it is no gateway of ours.
    return undefined
  }
}
