import { spawn } from 'node:child_process'
import { HostError } from './host.ts'

/** Runs a system tool with text on its standard input. Errors: `ERR_HOST_TOOL`, `ERR_HOST_COMMAND`. */
export type SystemCommand = (
  program: 'ip' | 'nft',
  options: readonly string[],
  input: string,
) => Promise<void>

/** Errors of a tool that are kept for the message. */
const ERROR_CHARACTERS = 2000

/** The real tools. They stand in sbin, which is not on every user's path. */
export const systemCommand: SystemCommand = (program, options, input) =>
  new Promise((resolve, reject) => {
    const { PATH = '', ...rest } = process.env
    const env = { ...rest, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' }
    const child = spawn(program, options, { env, stdio: ['pipe', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(0, ERROR_CHARACTERS)
    })
    child.once('error', cause => reject(missingTool(program, cause)))
    child.once('close', status => {
      if (status === 0) resolve()
      else reject(new HostError('ERR_HOST_COMMAND', `${program} failed: ${errors.trim().split('\n')[0]}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })

function missingTool(program: string, cause: Error): HostError {
  const name = program === 'ip' ? 'iproute2' : 'nftables'
  return new HostError('ERR_HOST_TOOL', `${program} cannot be run: install the package ${name}`, { cause })
}
