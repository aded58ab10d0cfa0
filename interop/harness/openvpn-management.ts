import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.ts'

/** What a client wants to know of its user. */
export interface PasswordQuestion {
  /** Of the server, when it asks for more (`CRV1`). */
  readonly challenge: string | undefined
}

export interface UserAnswers {
  readonly name: string
  /** The password, or undefined: the user gives up. */
  readonly answer: (question: PasswordQuestion) => string | undefined | Promise<string | undefined>
}

interface Challenge {
  readonly state: string
  readonly text: string
}

/** `CRV1:FLAGS:STATE:USER:TEXT` (OpenVPN's management-notes, dynamic challenge). */
const CHALLENGE = /^>PASSWORD:Verification Failed: 'Auth' \['CRV1:[^:]*:([^:]*):[^:]*:(.*)'\]$/

/**
 * Who sits before a client of OpenVPN: its management interface, which connects to a socket here and asks for user name
 * and password each time the client signs in anew.
 */
export class OpenVpnUser {
  /** What makes a client ask here. */
  readonly args: readonly string[]
  readonly #answers: UserAnswers
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #pending: Challenge | undefined

  private constructor(answers: UserAnswers, path: string) {
    this.#answers = answers
    this.#server = createServer(socket => this.#serve(socket)).listen(path)
    const management = ['--management', path, 'unix', '--management-client', '--management-query-passwords']
    this.args = [...management, '--auth-retry', 'interact']
  }

  static async sit(answers: UserAnswers): Promise<OpenVpnUser> {
    const user = new OpenVpnUser(answers, join(scratchDirectory('m'), 'socket'))
    await new Promise(resolve => user.#server.once('listening', resolve))
    return user
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let partial = ''
    socket.on('data', chunk => {
      const lines = (partial + chunk).split(/\r?\n/)
      partial = lines.pop() ?? ''
      for (const line of lines) this.#hear(socket, line)
    })
    socket.on('error', () => {}) // the client ends as it likes
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #hear(socket: Socket, line: string): void {
    const [, state, text] = CHALLENGE.exec(line) ?? []
    if (state !== undefined && text !== undefined) this.#pending = { state, text }
    if (!line.startsWith(">PASSWORD:Need 'Auth' username/password")) return
    const challenge = this.#pending
    this.#pending = undefined
    void this.#tell(socket, challenge)
  }

  async #tell(socket: Socket, challenge: Challenge | undefined): Promise<void> {
    const answer = await this.#answers.answer({ challenge: challenge?.text })
    if (answer === undefined) {
      socket.write('signal SIGTERM\n')
      return
    }
    const password = challenge ? `CRV1::${challenge.state}::${answer}` : answer
    socket.write(`username "Auth" ${quote(this.#answers.name)}\npassword "Auth" ${quote(password)}\n`)
  }
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
