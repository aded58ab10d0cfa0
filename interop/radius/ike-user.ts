import { onTestFinished } from 'vitest'
import type { Credential } from '../harness/certificates.ts'
import { certificateFile, KERNEL_ESP_PLUGINS, Strongswan } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { INSIDE_SELECTORS } from '../ikev2/road-warrior.ts'
import { gatewayAuthority, type RadiusScenario } from './scenario.ts'

/** How a user of strongSwan signs in. */
export interface IkeUser {
  readonly auth: 'eap-mschapv2' | 'eap-tls' | 'eap-ttls' | 'pubkey'
  /** What EAP's Identity says. */
  readonly identity: string
  readonly password?: string
  readonly credential?: Credential
  /** What the RADIUS server has to call itself where it shows a certificate. */
  readonly radiusName?: string
}

const CHILD = 'inside'

/** It gives up on a peer that is silent after about six seconds. */
const IMPATIENT: Sections = { retransmit_timeout: '0.5', retransmit_base: '1.5', retransmit_tries: '4' }
const PLUGINS = ['kernel-libipsec', ...KERNEL_ESP_PLUGINS, 'eap-ttls'].join(' ')

/** A client for the length of a test; {@link Strongswan.initiate} with `inside` connects it. */
export async function ikeUser(scenario: RadiusScenario, user: IkeUser): Promise<Strongswan> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const client = await Strongswan.start({
    namespace,
    swanctl: { connections: { gateway: connection(scenario, user) }, ...secrets(user) },
    credentials: user.credential ? [user.credential] : [],
    authorities: [gatewayAuthority(scenario), scenario.certificates.authority.certificatePath],
    daemon: { ...IMPATIENT, load: PLUGINS },
  })
  onTestFinished(() => client.stop())
  return client
}

function connection({ serverName }: RadiusScenario, user: IkeUser): Sections {
  const { auth, identity, credential, radiusName } = user
  return {
    version: '2',
    remote_addrs: ADDRESSES.gateway,
    vips: ['0.0.0.0', '::'],
    encap: 'yes', // kernel-libipsec carries ESP in UDP alone
    keyingtries: '1',
    local: {
      auth,
      // By default the certificate's subject, which it has to be without EAP.
      ...(auth !== 'pubkey' && { id: 'whatever', eap_id: quote(identity) }),
      ...(credential && { certs: certificateFile(credential.commonName) }),
      ...(radiusName !== undefined && { aaa_id: radiusName }),
    },
    remote: { auth: 'pubkey', id: serverName },
    children: { [CHILD]: { remote_ts: INSIDE_SELECTORS } },
  }
}

function secrets({ identity, password }: IkeUser): Sections {
  if (password === undefined) return {}
  return { secrets: { 'eap-user': { id: quote(identity), secret: quote(password) } } }
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
