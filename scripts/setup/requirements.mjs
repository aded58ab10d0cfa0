import { accessSync, constants } from 'node:fs'
import { fail } from './run.mjs'

const MINIMUM_NODE_MAJOR = 20

/** Ends with one line when this machine or this user cannot run a gateway. */
export function checkMachine() {
  if (process.platform !== 'linux') fail('a gateway runs on Linux only')
  const major = Number(process.versions.node.split('.')[0])
  if (major < MINIMUM_NODE_MAJOR)
    fail(`Node.js ${MINIMUM_NODE_MAJOR} or newer is needed, this is ${process.versions.node}`)
  if (process.getuid?.() !== 0) fail('root is needed (TUN device, routes, port 443): run it with sudo')
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    fail('/dev/net/tun is missing: load the tun module (modprobe tun), or give the container the device')
  }
}
