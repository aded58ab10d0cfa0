import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ipBatch, type Namespace } from '../harness/namespace.ts'
import { type RunningProcess, start } from '../harness/process.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import type { Finished } from '../harness/shell.ts'
import { guestRoot, xstateShim } from './root.ts'

export interface GuestOptions {
  /** Where the tap is made, and the bridge there that it joins. */
  readonly namespace: Namespace
  readonly bridge: string
  /** The guest's addresses with their prefix lengths. */
  readonly addresses: readonly string[]
  /** Default routes. */
  readonly via: readonly string[]
}

const MEMORY = '256M'
const BOOT_LIMIT_MS = 30_000
const POLL_MS = 20

/** A running Linux of its own (User Mode Linux), plugged into a bridge of the topology. */
export class Guest {
  readonly directory: string
  readonly #kernel: RunningProcess
  #commands = 0

  private constructor(directory: string, kernel: RunningProcess) {
    this.directory = directory
    this.#kernel = kernel
  }

  /** Boots a guest, in 3–4 s once the root is built. Errors: with the console when it does not come up. */
  static async boot(options: GuestOptions): Promise<Guest> {
    const root = await guestRoot()
    const shim = await xstateShim()
    const directory = scratchDirectory('u')
    await createTap(options)
    const kernel = start('unshare', kernelCommand(root, directory, options), {
      title: 'guest',
      namespace: options.namespace,
      env: { TMPDIR: '/dev/shm', LD_PRELOAD: shim },
    })
    const guest = new Guest(directory, kernel)
    await guest.#appears('ready', BOOT_LIMIT_MS)
    return guest
  }

  /** Puts a file where the guest sees it, and returns its path there. */
  put(name: string, content: string): string {
    mkdirSync(join(this.directory, 'files'), { recursive: true })
    writeFileSync(join(this.directory, 'files', name), content, { mode: 0o600 })
    return `/job/files/${name}`
  }

  copy(path: string): string {
    mkdirSync(join(this.directory, 'files'), { recursive: true })
    copyFileSync(path, join(this.directory, 'files', basename(path)))
    return `/job/files/${basename(path)}`
  }

  /** As {@link copy}, under another name. */
  copyAs(path: string, name: string): string {
    mkdirSync(join(this.directory, 'files'), { recursive: true })
    copyFileSync(path, join(this.directory, 'files', name))
    return `/job/files/${name}`
  }

  /** Runs a shell command in the guest, one at a time. */
  async run(command: string, timeoutMs = 60_000): Promise<Finished> {
    const n = ++this.#commands
    const path = (suffix: string): string => join(this.directory, `${n}.${suffix}`)
    writeFileSync(path('tmp'), `${command}\n`)
    renameSync(path('tmp'), path('cmd'))
    await this.#appears(`${n}.rc`, timeoutMs)
    const read = (suffix: string): string => readFileSync(path(suffix), 'utf8')
    return { code: Number(read('rc')), stdout: read('out'), stderr: read('err') }
  }

  /** Errors: the command's status is not 0; the message holds what it printed. */
  async runOk(command: string, timeoutMs?: number): Promise<string> {
    const done = await this.run(command, timeoutMs)
    if (done.code !== 0)
      throw new Error(`guest: ${command} exited ${done.code}\n${done.stderr}${done.stdout}`)
    return done.stdout
  }

  async stop(): Promise<void> {
    writeFileSync(join(this.directory, 'stop'), '')
    const killer = setTimeout(() => this.#kernel.signal('SIGKILL'), 5_000)
    await this.#kernel.exited
    clearTimeout(killer)
  }

  /** A file in the share is the only signal there is between host and guest, so it is looked for in turns. */
  async #appears(name: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!existsSync(join(this.directory, name))) {
      const why = this.#kernel.exit
        ? 'the guest ended'
        : performance.now() > deadline
          ? 'too late'
          : undefined
      if (why) throw new Error(`guest: no ${name} (${why})\n${this.#kernel.tail()}`)
      await delay(POLL_MS)
    }
  }
}

const TAP = 'guest'

async function createTap({ namespace, bridge }: GuestOptions): Promise<void> {
  await ipBatch(namespace, [
    `tuntap add ${TAP} mode tap`,
    `link set ${TAP} master ${bridge}`,
    `link set ${TAP} up`,
  ])
}

/** `unshare --kill-child`: the guest's own processes end with the one that we know. */
function kernelCommand(root: string, directory: string, options: GuestOptions): string[] {
  const settings = {
    job: directory,
    ip: options.addresses.join(','),
    gw: options.via.join(','),
    mac: '02:77:00:00:00:01',
  }
  return [
    '-pf',
    '--kill-child=SIGKILL',
    'linux.uml',
    `mem=${MEMORY}`,
    `uml_dir=${directory}/`,
    'umid=u',
    'root=/dev/root',
    'rootfstype=hostfs',
    `rootflags=${root}`,
    'ro',
    'init=/guest-init',
    'con=null',
    'con0=null,fd:1',
    'quiet',
    `vec0:transport=tap,ifname=${TAP},depth=128,gro=1`,
    ...Object.entries(settings).map(([name, value]) => `guest.${name}=${value}`),
  ]
}
