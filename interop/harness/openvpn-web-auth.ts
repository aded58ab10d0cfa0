import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { scratchDirectory } from './scratch.ts'

/** `>INFOMSG:WEB_AUTH:FLAGS:URL` (OpenVPN's management-notes, section "Pending authentication"). */
const WEB_AUTH = /^>INFOMSG:WEB_AUTH:[^:]*:(https:.*)$/

/** What stands between a client of OpenVPN and its user's browser: its management interface, which connects here. */
export class OpenVpnWebAuth {
  /** What makes a client tell us. */
  readonly args: readonly string[]
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #pages: string[] = []
  readonly #heard = new EventEmitter()

  private constructor(path: string) {
    this.#server = createServer(socket => this.#serve(socket)).listen(path)
    this.args = ['--management', path, 'unix', '--management-client']
  }

  static async listen(): Promise<OpenVpnWebAuth> {
    const webAuth = new OpenVpnWebAuth(join(scratchDirectory('w'), 'socket'))
    await once(webAuth.#server, 'listening')
    return webAuth
  }

  /** The next page that the user is to open. Errors: `AbortError` when none was asked for in time. */
  async page(timeoutMs = 20_000): Promise<string> {
    const signal = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const url = this.#pages.shift()
      if (url !== undefined) return url
      await once(this.#heard, 'page', { signal })
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}) // the client ends as it likes
    createInterface(socket).on('line', line => {
      const [, url] = WEB_AUTH.exec(line) ?? []
      if (url === undefined) return
      this.#pages.push(url)
      this.#heard.emit('page')
    })
  }
}
