import { ownedName, removeNamespace } from './cleanup.ts'
import { type Finished, type RunOptions, run, runOk } from './shell.ts'

/** A network namespace of this run, by its name under /run/netns. */
export interface Namespace {
  readonly name: string
}

let count = 0

export async function createNamespace(role: string): Promise<Namespace> {
  const name = ownedName(`${role}${count++}`)
  await runOk('ip', ['netns', 'add', name])
  await runOk('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return { name }
}

export function deleteNamespace(namespace: Namespace): void {
  removeNamespace(namespace.name)
}

/** The command line that runs a command inside a namespace; `ip` execs it, so the pid is the command's own. */
export function inNamespace(namespace: Namespace, command: string, args: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace.name, command, ...args]
}

export function runIn(
  namespace: Namespace,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return run('ip', inNamespace(namespace, command, args).slice(1), options)
}

export function runInOk(
  namespace: Namespace,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return runOk('ip', inNamespace(namespace, command, args).slice(1), options)
}

/** Applies `ip` commands, one a line, in a namespace. */
export async function ipBatch(namespace: Namespace, lines: readonly string[]): Promise<void> {
  await runOk('ip', ['-n', namespace.name, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

/** Replaces or extends the namespace's nftables rules with a script of `nft -f`. */
export async function nft(namespace: Namespace, script: string): Promise<void> {
  await runInOk(namespace, 'nft', ['-f', '-'], { input: script })
}

/** Lets a namespace pass packets on, for both IP versions, and accept replies that take another way. */
export async function enableForwarding(namespace: Namespace): Promise<void> {
  const settings = ['ipv4.ip_forward=1', 'ipv6.conf.all.forwarding=1', 'ipv4.conf.all.rp_filter=0']
  await runInOk(namespace, 'sysctl', ['-qw', ...settings.map(setting => `net.${setting}`)])
}
