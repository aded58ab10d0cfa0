import type { Guest } from '../guest/guest.ts'
import { guestLogged } from '../guest/log.ts'
import { runOk } from '../harness/shell.ts'
import type { Site } from '../harness/site-topology.ts'
import { type DeviceOptions, type DeviceProof, type SiteDevice, selectorsOf, UP_LIMIT_MS } from './device.ts'

const HOME = '/tmp/libreswan-site'
const NSS = `sql:${HOME}/nss`
const LOG = `${HOME}/log`
const CONNECTION = 'gateway'
const PROGRAMS = '/usr/libexec/ipsec'
const WHACK = `${PROGRAMS}/whack --rundir /run/pluto`

/** Debian's libreswan in a guest, with the first of its networks: it has one Child SA for each pair. */
export class LibreswanDevice implements SiteDevice {
  readonly site: Site
  readonly options: DeviceOptions
  readonly #guest: Guest

  private constructor(guest: Guest, options: DeviceOptions) {
    this.site = options.site
    this.options = options
    this.#guest = guest
  }

  /** @param lines further lines of the connection. */
  static async start(
    guest: Guest,
    options: DeviceOptions,
    lines: readonly string[] = [],
  ): Promise<LibreswanDevice> {
    await guest.runOk(`rm -rf ${HOME} && mkdir -p ${HOME}/nss && certutil -N -d ${NSS} --empty-password`)
    if (options.proof.type === 'certificate') await importCertificates(guest, options.proof)
    guest.put('site-ipsec.conf', formatConnection(options, lines))
    guest.put('site-ipsec.secrets', formatSecrets(options))
    const device = new LibreswanDevice(guest, options)
    await device.#run()
    return device
  }

  async initiate(): Promise<void> {
    await this.#guest.runOk(`${WHACK} --name ${CONNECTION} --initiate || { tail -n 60 ${LOG}; false; }`)
  }

  async up(timeoutMs = UP_LIMIT_MS): Promise<void> {
    await guestLogged(this.#guest, { path: LOG, pattern: 'established Child SA', timeoutMs })
  }

  async down(): Promise<void> {
    await this.#guest.runOk(`${WHACK} --name ${CONNECTION} --terminate`)
  }

  async restart(): Promise<void> {
    await this.#guest.runOk('kill -KILL $(pidof pluto); ip xfrm state flush; ip xfrm policy flush')
    await this.#guest.runOk(`rm -rf /run/pluto ${LOG}`)
    await this.#run()
  }

  log(): Promise<string> {
    return this.#guest.runOk(`cat ${LOG}`)
  }

  async stop(): Promise<void> {
    await this.#guest.runOk(`${WHACK} --shutdown`)
    await this.#guest.runOk(`timeout 10 sh -c 'while pidof pluto >/dev/null; do busybox usleep 20000; done'`)
  }

  async #run(): Promise<void> {
    const configuration = '/job/files/site-ipsec.conf'
    const secrets = '--secretsfile /job/files/site-ipsec.secrets'
    await this.#guest.runOk('mkdir -p /run/pluto && modprobe -a xfrm_user esp4 esp6')
    await this.#guest.runOk(
      `${PROGRAMS}/pluto --config ${configuration} --nssdir ${NSS} --logfile ${LOG} ${secrets} --use-xfrm`,
    )
    await this.#guest.runOk(
      `timeout 10 sh -c 'until ${WHACK} --status >/dev/null 2>&1; do busybox usleep 50000; done'`,
    )
    await this.#guest.runOk(`${WHACK} --listen`)
    await this.#guest.runOk(
      `${PROGRAMS}/addconn --config ${configuration} --ctlsocket /run/pluto/pluto.ctl ${CONNECTION}`,
    )
  }
}

type CertificateProof = Extract<DeviceProof, { readonly type: 'certificate' }>

/** NSS, which holds libreswan's certificates, takes a key only from PKCS#12. */
async function importCertificates(guest: Guest, proof: CertificateProof): Promise<void> {
  const { certificatePath, keyPath, commonName } = proof.credential
  const archive = `${guest.directory}/site.p12`
  const files = ['-in', certificatePath, '-inkey', keyPath, '-out', archive]
  await runOk('openssl', ['pkcs12', '-export', '-name', commonName, '-passout', 'pass:', ...files])
  await guest.runOk(`pk12util -i /job/site.p12 -d ${NSS} -W ''`)
  const add = async (path: string, trust: string, name: string): Promise<void> => {
    await guest.runOk(
      `certutil -A -a -i ${guest.copyAs(path, `${name}.pem`)} -d ${NSS} -t ${trust} -n ${name}`,
    )
  }
  for (const [at, path] of proof.trusts.entries()) await add(path, 'CT,,', `trusted-${at}`)
  for (const [at, path] of (proof.intermediates ?? []).entries()) await add(path, ',,', `between-${at}`)
}

function formatConnection(options: DeviceOptions, more: readonly string[]): string {
  const { site, gateway, proof, dpdSeconds } = options
  const [pair] = selectorsOf(options)
  const lines = [
    'ikev2=insist',
    `left=${site.address}`,
    `leftsubnet=${pair?.local[0] ?? ''}`,
    `right=${gateway}`,
    `rightsubnet=${pair?.remote[0] ?? ''}`,
    ...formatProof(proof, site),
    ...(options.ike === undefined ? [] : [`ike=${options.ike}`]),
    ...(options.esp === undefined ? [] : [`esp=${options.esp}`]),
    ...(dpdSeconds === undefined ? [] : [`dpddelay=${dpdSeconds}`, 'dpdaction=restart']),
    'narrowing=yes', // Azure, and so the gateway, proposes any to any
    'retransmit-timeout=15s',
    'auto=ondemand',
    ...more,
  ]
  return ['config setup', '', `conn ${CONNECTION}`, ...lines.map(line => `  ${line}`), ''].join('\n')
}

function formatProof(proof: DeviceProof, site: Site): readonly string[] {
  const { identity, gatewayIdentity } = proof
  if (proof.type === 'psk')
    return ['authby=secret', `leftid=${identity ?? site.publicAddress}`, `rightid=${gatewayIdentity}`]
  return [
    `leftcert=${proof.credential.commonName}`,
    `leftid=${identity ?? '%fromcert'}`,
    'leftsendcert=always',
    ...(proof.intermediates?.length ? ['sendca=all'] : []),
    `rightid="${gatewayIdentity}"`,
    'rightca=%any',
  ]
}

function formatSecrets({ proof, site }: DeviceOptions): string {
  if (proof.type !== 'psk') return ''
  return `${proof.identity ?? site.publicAddress} ${proof.gatewayIdentity} : PSK "${proof.secret}"\n`
}
