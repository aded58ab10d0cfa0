import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join, relative } from 'node:path'
import {
  CONTROL_LINE_LIMIT,
  CONTROL_SOCKET_NAME,
  type ControlProgress,
  type ControlRequest,
  type ControlResponse,
  type DeployedResource,
  type ErrorBody,
  formatDocumentFault,
  isManagementRequest,
  readControlRequest,
} from '@causeway/api-contract'
import { describeSystemError } from '@causeway/store'
import { CommandError } from '../quick-start/index.ts'
import type { CommandHandler } from './command-handler.ts'
import { errorBody } from './error-body.ts'
import { LineReader } from './line-reader.ts'
import { ManagementSocket } from './management-port.ts'

/** The open control socket. */
export interface ControlServer {
  /** The socket's path. */
  readonly path: string
  /** Stops listening and ends all connections. */
  close(): Promise<void>
}

/** Who answers. */
interface Answerers {
  readonly handler: CommandHandler
  readonly management: ManagementSocket
}

type SendProgress = (progress: ControlProgress) => void

/** Ours: the socket is the operator's own, a few commands at a time. */
const CONNECTION_LIMIT = 32
/** Linux: `sun_path` of unix(7), without the final NUL. */
const SOCKET_PATH_LIMIT = 107

/**
 * Serves the control protocol at `DIR/control.sock`, which only this user can open. A socket that a
 * crash left is replaced: the caller holds the directory's lock. `management` answers what the management API is for.
 * Errors: `CommandError` `HostFailure`.
 */
export async function serveControl(
  directory: string,
  handler: CommandHandler,
  management: ManagementSocket = new ManagementSocket(),
): Promise<ControlServer> {
  const path = join(directory, CONTROL_SOCKET_NAME)
  const connections = new Set<Socket>()
  const server = createServer(socket => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    serveConnection(socket, { handler, management })
  })
  server.maxConnections = CONNECTION_LIMIT
  try {
    await rm(path, { force: true })
    await listen(server, shortestPath(path))
    await chmod(path, 0o600)
  } catch (error) {
    const remedy = 'give another --data'
    throw new CommandError('HostFailure', `cannot open ${path}: ${describeSystemError(error)}; ${remedy}`)
  }
  return { path, close: () => close(server, connections) }
}

/** One request at a time, answers in order. */
function serveConnection(socket: Socket, answerers: Answerers): void {
  const reader = new LineReader(CONTROL_LINE_LIMIT)
  let tail = Promise.resolve()
  const send = (line: ControlResponse | ControlProgress): void => {
    if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
  }
  socket.on('data', (bytes: Buffer) => {
    const lines = reader.push(bytes)
    if (!lines) socket.destroy()
    for (const line of lines ?? []) tail = tail.then(async () => send(await respond(line, answerers, send)))
  })
  // A client that goes away in the middle of an answer is no concern of the gateway's.
  socket.on('error', () => socket.destroy())
}

async function respond(line: string, answerers: Answerers, send: SendProgress): Promise<ControlResponse> {
  const parsed = parseJson(line)
  const read = readControlRequest(parsed)
  if (read.type === 'bad') {
    const message = read.faults.map(formatDocumentFault).join('; ')
    return { id: idOf(parsed), error: { code: 'InvalidRequestContent', message } }
  }
  const { id, request } = read.value
  try {
    return { id, result: await answer(request, answerers, progress => send({ id, progress })) }
  } catch (error) {
    return { id, error: errorBody(error) satisfies ErrorBody }
  }
}

function answer(
  request: ControlRequest,
  { handler, management }: Answerers,
  onProgress: (resource: DeployedResource) => void,
): Promise<unknown> {
  return isManagementRequest(request) ? management.answer(request, onProgress) : handler.answer(request)
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not JSON is not a request: the check of the shape says so.
    return undefined
  }
}

/** The id to answer a bad request with; 0 when it has none. */
function idOf(parsed: unknown): number {
  const id = (parsed as { id?: unknown } | null | undefined)?.id
  return Number.isSafeInteger(id) ? (id as number) : 0
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
}

async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  for (const socket of connections) socket.destroy()
  await closed
}

/** A deep directory may still be near to the working directory. */
function shortestPath(path: string): string {
  const near = relative(process.cwd(), path)
  const shortest = near.length < path.length ? near : path
  if (Buffer.byteLength(shortest) <= SOCKET_PATH_LIMIT) return shortest
  throw new RangeError(`the path is longer than the ${SOCKET_PATH_LIMIT} bytes of a socket`)
}
