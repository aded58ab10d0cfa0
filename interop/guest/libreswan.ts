import type { Credential } from '../harness/certificates.ts'
import { runOk } from '../harness/shell.ts'
import type { Guest } from './guest.ts'

/** What a libreswan client needs to know of its gateway. */
export interface LibreswanOptions {
  readonly credential: Credential
  /** The root of the gateway's certificate. */
  readonly authority: string
  readonly gateway: string
  /** What the gateway has to call itself. */
  readonly serverName: string
  /** The guest's own address on the way there. */
  readonly address: string
  /** The network to reach. */
  readonly remoteSelector: string
  /** Further lines of the connection. */
  readonly lines?: readonly string[]
}

const HOME = '/tmp/libreswan'
const NSS = `sql:${HOME}/nss`
const CONNECTION = 'gateway'
/** What `ipsec auto` and `ipsec whack` are, without the wrapper that asks for a service. */
const PROGRAMS = '/usr/libexec/ipsec'
const WHACK = `${PROGRAMS}/whack --rundir /run/pluto`

/** Debian's libreswan in the guest. */
export class GuestLibreswan {
  readonly guest: Guest

  private constructor(guest: Guest) {
    this.guest = guest
  }

  static async start(guest: Guest, options: LibreswanOptions): Promise<GuestLibreswan> {
    await importCredential(guest, options)
    const configuration = guest.put('ipsec.conf', formatConnection(options))
    const arguments_ = [`--config ${configuration}`, `--nssdir ${NSS}`, `--logfile ${HOME}/log`]
    await guest.runOk(`mkdir -p /run/pluto && modprobe -a xfrm_user esp4 esp6`)
    await guest.runOk(`${PROGRAMS}/pluto ${arguments_.join(' ')} --secretsfile /dev/null --use-xfrm`)
    await guest.runOk(
      `timeout 10 sh -c 'until ${WHACK} --status >/dev/null 2>&1; do busybox usleep 50000; done'`,
    )
    // It does so by itself, but on a busy machine after it has answered.
    await guest.runOk(`${WHACK} --listen`)
    await guest.runOk(
      `${PROGRAMS}/addconn --config ${configuration} --ctlsocket /run/pluto/pluto.ctl ${CONNECTION}`,
    )
    return new GuestLibreswan(guest)
  }

  /** Errors: it did not come about; the message holds what was said. */
  initiate(): Promise<string> {
    return this.guest.runOk(`${WHACK} --name ${CONNECTION} --initiate`)
  }

  /** The daemon's log. */
  log(): Promise<string> {
    return this.guest.runOk(`cat ${HOME}/log`)
  }

  async stop(): Promise<void> {
    await this.guest.runOk(`${WHACK} --shutdown`)
  }
}

/** NSS, which holds libreswan's certificates, takes a key only from PKCS#12. */
async function importCredential(guest: Guest, options: LibreswanOptions): Promise<void> {
  const { certificatePath, keyPath, commonName } = options.credential
  const archive = `${guest.directory}/client.p12`
  const files = ['-in', certificatePath, '-inkey', keyPath, '-out', archive]
  await runOk('openssl', ['pkcs12', '-export', '-name', commonName, '-passout', 'pass:', ...files])
  const authority = guest.copy(options.authority)
  await guest.runOk(`rm -rf ${HOME} && mkdir -p ${HOME}/nss && certutil -N -d ${NSS} --empty-password`)
  await guest.runOk(`pk12util -i /job/client.p12 -d ${NSS} -W ''`)
  await guest.runOk(`certutil -A -a -i ${authority} -d ${NSS} -t CT,, -n gateway-root`)
}

function formatConnection(options: LibreswanOptions): string {
  const lines = [
    'ikev2=yes',
    `left=${options.address}`,
    `leftcert=${options.credential.commonName}`,
    'leftid=%fromcert',
    'leftmodecfgclient=yes',
    'leftsubnet=0.0.0.0/0',
    `right=${options.gateway}`,
    `rightid=@${options.serverName}`,
    'rightca=%any',
    `rightsubnet=${options.remoteSelector}`,
    'narrowing=yes',
    'mobike=yes',
    'retransmit-timeout=15s',
    ...(options.lines ?? []),
  ]
  return ['config setup', '', `conn ${CONNECTION}`, ...lines.map(line => `  ${line}`), ''].join('\n')
}
