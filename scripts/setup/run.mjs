import { spawnSync } from 'node:child_process'

/** One line for the person at the terminal, then exit code 1. */
export function fail(line) {
  process.stderr.write(`causeway: ${line}\n`)
  process.exit(1)
}

/** Says what is being done: long work shows progress. */
export function say(line) {
  process.stdout.write(`causeway: ${line}\n`)
}

/**
 * Runs a command with its output shown and gives its exit status.
 * A command that could not be started counts as status 127.
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', ...options })
  return result.status ?? 127
}

/** Runs a command and ends with one line when it fails. */
export function must(what, command, args, options = {}) {
  const status = run(command, args, options)
  if (status !== 0) fail(`${what} failed (exit ${status}): ${command} ${args.join(' ')}`)
}

/** A command's standard output, or `undefined` when it fails. */
export function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? result.stdout : undefined
}
