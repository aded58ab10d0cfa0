import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { completeGatewaySettings } from '@causeway/api-contract'
import { type DataDirectoryView, viewDataDirectory } from '@causeway/store'
import { describeCertificate } from '@causeway/x509'
import type { StoredGivenCertificate } from '../quick-start/given-certificate-store.ts'
import {
  CommandError,
  configurationOf,
  type Documents,
  readDocuments,
  uncoveredHosts,
} from '../quick-start/index.ts'
import { DAY_SECONDS, DOCUMENTS } from '../quick-start/installation.ts'
import { firstCertificate, type StoredCertificate } from '../quick-start/own-authority.ts'
import { EXPIRY_WARNING_DAYS } from './certificate-watch.ts'
import { bad, type Finding, good } from './finding.ts'
import { portFindings } from './port-findings.ts'

/** The clock is wrong for sure when it is before this code was written (2026-01-01). */
const EARLIEST_TIME = 1_767_225_600

/**
 * Looks whether a gateway can run on this machine with this data directory. Changes nothing, and
 * may run beside a running gateway, whose own ports are then not found taken.
 */
export async function examineMachine(directory: string, isRunning: boolean): Promise<readonly Finding[]> {
  const documents = await readStored(directory)
  return [
    ...machineFindings(),
    forwardingFinding(isRunning),
    clockFinding(),
    ...(isRunning
      ? [good('ports', 'held by the running gateway')]
      : await portFindings(documents.type === 'read' ? documents.documents : undefined)),
    configurationFinding(documents),
    ...(await certificateFindings(directory, hostNamesOf(documents))),
  ]
}

/** Errors: `CommandError` `HostFailure`, when this machine can run neither a gateway nor a client. */
export function refuseUnfitMachine(): void {
  const missing = machineFindings().find(({ state }) => state === 'bad')
  if (missing)
    throw new CommandError('HostFailure', `${missing.detail}; ${missing.fix ?? 'see causeway doctor'}`)
}

/** What a machine must have for any tunnel. */
function machineFindings(): readonly Finding[] {
  return [rootFinding(), tunFinding(), toolFinding('ip', 'iproute2'), toolFinding('nft', 'nftables')]
}

function rootFinding(): Finding {
  if (process.geteuid?.() === 0) return good('root', 'running as root')
  return bad('root', 'this needs root', 'start it as root, or with sudo')
}

function tunFinding(): Finding {
  if (isAccessible('/dev/net/tun', constants.R_OK | constants.W_OK))
    return good('tun', '/dev/net/tun is there')
  return bad(
    'tun',
    '/dev/net/tun cannot be opened',
    'modprobe tun; in a container, pass --device /dev/net/tun',
  )
}

function toolFinding(tool: string, packageName: string): Finding {
  const { PATH = '' } = process.env
  const path = PATH.split(delimiter).concat('/usr/sbin', '/sbin')
  const found = path.map(directory => join(directory, tool)).find(file => isAccessible(file, constants.X_OK))
  return found ? good(tool, found) : bad(tool, `${tool} is not installed`, `apt-get install ${packageName}`)
}

/** The gateway switches forwarding on by itself; it only has to be able to. */
function forwardingFinding(isRunning: boolean): Finding {
  const path = '/proc/sys/net/ipv4/ip_forward'
  if (readFileSync(path, 'latin1').trim() === '1') return good('forwarding', 'IPv4 forwarding is on')
  if (isRunning) return bad('forwarding', 'IPv4 forwarding is off', 'sysctl net.ipv4.ip_forward=1')
  if (isAccessible(path, constants.W_OK)) return good('forwarding', 'off; the gateway switches it on')
  return bad('forwarding', 'off, and cannot be switched on here', 'sysctl net.ipv4.ip_forward=1 on the host')
}

function clockFinding(): Finding {
  const now = new Date()
  if (now.getTime() / 1000 > EARLIEST_TIME) return good('clock', now.toISOString())
  return bad(
    'clock',
    `the clock says ${now.toISOString()}`,
    'set it, for example with timedatectl set-ntp true',
  )
}

type StoredDocuments =
  | {
      readonly type: 'read'
      readonly documents: Documents
    }
  | { readonly type: 'new' }
  | { readonly type: 'broken'; readonly problem: string }

function hostNamesOf(stored: StoredDocuments): readonly string[] {
  return stored.type === 'read' ? completeGatewaySettings(stored.documents.settings).hostNames : []
}

async function readStored(directory: string): Promise<StoredDocuments> {
  try {
    const { gateway, isIdle, settings } = await lookInto(directory, readDocuments)
    if (!settings || !(gateway || isIdle)) return { type: 'new' }
    return { type: 'read', documents: { ...settings, ...gateway } }
  } catch (error) {
    return { type: 'broken', problem: messageOf(error) }
  }
}

async function lookInto<Result>(
  directory: string,
  look: (view: DataDirectoryView) => Promise<Result>,
): Promise<Result> {
  const view = await viewDataDirectory(directory)
  try {
    return await look(view)
  } finally {
    await view.close()
  }
}

function configurationFinding(stored: StoredDocuments): Finding {
  if (stored.type === 'new') return good('configuration', 'none yet; the first start makes one')
  const fix = 'mend the document and give it to `causeway up` with --config or --settings'
  if (stored.type === 'broken') return bad('configuration', stored.problem, fix)
  try {
    configurationOf(stored.documents)
    const { resource } = stored.documents
    if (!resource) return good('configuration', 'there is no gateway; the installation is good')
    return good('configuration', `${resource.name ?? 'gateway'} is good`)
  } catch (error) {
    return bad('configuration', messageOf(error), fix)
  }
}

async function certificateFindings(directory: string, hostNames: readonly string[]): Promise<Finding[]> {
  const read = async (key: string): Promise<unknown> =>
    (await lookInto(directory, ({ documents }) => documents.read(key)))?.value
  const look = async (check: string, find: () => Promise<Finding[]>): Promise<Finding[]> => {
    try {
      return await find()
    } catch (error) {
      return [bad(check, messageOf(error), 'restore the data directory from a backup')]
    }
  }
  return [
    ...(await look('CA certificate', async () => {
      const stored = (await read(DOCUMENTS.authority)) as StoredCertificate | undefined
      const fix = 'move to a new data directory'
      return stored ? [certificateFinding('CA certificate', firstCertificate(stored.pem), fix)] : []
    })),
    ...(await look('server certificate', async () => {
      const given = (await read(DOCUMENTS.given)) as StoredGivenCertificate | undefined
      if (given) return givenFindings(firstCertificate(given.chain), hostNames)
      const own = (await read(DOCUMENTS.server)) as StoredCertificate | undefined
      const fix = 'start the gateway: it renews it'
      return own ? [certificateFinding('server certificate', firstCertificate(own.pem), fix)] : []
    })),
  ]
}

/** One that the operator brought is not renewed by us, and not for whatever we are called. */
function givenFindings(certificate: Uint8Array, hostNames: readonly string[]): Finding[] {
  const fix = 'bring another with causeway certificate set'
  const dates = certificateFinding('server certificate', certificate, fix)
  const uncovered = uncoveredHosts(certificate, hostNames)
  if (uncovered.length === 0) return [dates]
  const detail = `is not for ${uncovered.join(', ')}`
  return [
    dates,
    { check: 'server certificate', state: 'warning', detail, fix: `${fix}, or change hostNames` },
  ]
}

function certificateFinding(check: string, certificate: Uint8Array, fix: string): Finding {
  const { notBefore, notAfter } = describeCertificate(certificate)
  const now = Date.now() / 1000
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
  if (now < notBefore) return bad(check, `begins only on ${day(notBefore)}`, 'set the clock')
  if (now > notAfter) return bad(check, `ended on ${day(notAfter)}`, fix)
  if (notAfter - now > EXPIRY_WARNING_DAYS * DAY_SECONDS) return good(check, `good until ${day(notAfter)}`)
  return { check, state: 'warning', detail: `ends on ${day(notAfter)}`, fix }
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    // Whatever the reason, it is of no use here.
    return false
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
