import type { Credential } from './certificates.ts'
import {
  formatLdapModule,
  formatLdapReply,
  LDAP_AUTHENTICATE,
  LDAP_AUTHORIZE,
  type LdapRealm,
} from './freeradius-ldap.ts'
import { quote } from './freeradius-users.ts'

/** Who may ask a server: an address or a prefix, and the secret that both know. */
export interface RadiusPeer {
  readonly prefix: string
  readonly secret: string
  /** Packets without Message-Authenticator are not looked at. Default `true`. */
  readonly requireMessageAuthenticator?: boolean
}

export interface FreeradiusConfiguration {
  /** Where it listens: UDP 1812 and 1813, and 2083 for RadSec. */
  readonly address: string
  readonly peers: readonly RadiusPeer[]
  /** Its certificate for EAP and RadSec. */
  readonly credential: Credential
  /** To whom certificates of users lead. */
  readonly authority: Credential
  /**
   * Whether its answers have a Message-Authenticator where no EAP demands it; default `true`. Debian 12's FreeRADIUS is
   * older than CVE-2024-3596, and by itself gives them none.
   */
  readonly answersWithMessageAuthenticator?: boolean
  /** Listens for RadSec too; a file of the roots of the gateways that may connect, in place of `authority`. */
  readonly radsec?: true | string
  /** Where its users are, instead of in its own file. */
  readonly ldap?: LdapRealm
}

/** What users call themselves may end in `@` and this, or begin with {@link NT_DOMAIN} and `\`. */
export const REALM = 'corp.example'
export const NT_DOMAIN = 'CORP'

export const RADIUS_PORTS = { authentication: 1812, accounting: 1813, radsec: 2083 } as const

/** `radiusd.conf`, which is all of the configuration but for the users. */
export function formatRadiusd(directory: string, configuration: FreeradiusConfiguration): string {
  return [
    formatDaemon(directory),
    ...configuration.peers.map(formatPeer),
    `realm ${REALM} {\n}\nrealm ${NT_DOMAIN} {\n}\n`,
    formatModules(directory, configuration),
    formatServer(configuration),
    INNER_TUNNEL,
  ].join('\n')
}

function formatDaemon(directory: string): string {
  return `prefix = ${directory}
name = radiusd
confdir = ${directory}
raddbdir = ${directory}
logdir = ${directory}
run_dir = ${directory}
db_dir = ${directory}
libdir = /usr/lib/freeradius
hostname_lookups = no
max_request_time = 30
cleanup_delay = 5
max_requests = 1024
log {
  destination = stdout
  colourise = no
}
security {
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}
thread pool {
  start_servers = 2
  max_servers = 8
  min_spare_servers = 1
  max_spare_servers = 4
}
`
}

function formatPeer(
  { prefix, secret, requireMessageAuthenticator = true }: RadiusPeer,
  index: number,
): string {
  return `client peer${index} {
  ipaddr = ${prefix}
  secret = ${quote(secret)}
  require_message_authenticator = ${requireMessageAuthenticator ? 'yes' : 'no'}
}
`
}

function formatModules(directory: string, configuration: FreeradiusConfiguration): string {
  return `modules {
  ${['ok', 'handled', 'reject'].map(code => `always ${code} {\n    rcode = ${code}\n  }`).join('\n  ')}
  pap {
  }
  mschap {
    with_ntdomain_hack = yes
    allow_retry = no
  }
  realm suffix {
    format = suffix
    delimiter = "@"
  }
  realm ntdomain {
    format = prefix
    delimiter = "\\\\"
  }
  files {
    key = "%{%{Stripped-User-Name}:-%{User-Name}}"
    usersfile = ${directory}/users
  }
  files replies {
    key = "%{Tmp-String-1}"
    postauth_usersfile = ${directory}/replies
  }
  detail {
    filename = ${directory}/accounting
    permissions = 0600
  }
  detail questions {
    filename = ${directory}/questions
    permissions = 0600
  }
  ${configuration.ldap ? formatLdapModule(configuration.ldap) : ''}
  eap {
    default_eap_type = mschapv2
    tls-config tls-common {
      ${formatTls(configuration, configuration.authority.certificatePath)}
    }
    tls {
      tls = tls-common
    }
    peap {
      tls = tls-common
      default_eap_type = mschapv2
      virtual_server = inner-tunnel
    }
    ttls {
      tls = tls-common
      default_eap_type = mschapv2
      virtual_server = inner-tunnel
    }
    mschapv2 {
      send_error = yes
    }
  }
}
`
}

function formatTls({ credential }: FreeradiusConfiguration, authority: string): string {
  return `private_key_file = ${credential.keyPath}
      certificate_file = ${credential.certificatePath}
      ca_file = ${authority}
      cipher_list = DEFAULT
      tls_min_version = "1.2"
      tls_max_version = "1.2"
      ecdh_curve = ""`
}

/** Who it is: as the method inside PEAP or TTLS has it, or the certificate; else as it was typed. */
const TYPED_NAME = '%{%{Stripped-User-Name}:-%{User-Name}}'
const CERTIFIED_NAME = `%{%{TLS-Client-Cert-Common-Name}:-${TYPED_NAME}}`
const NAME = `%{%{session-state:Tmp-String-1}:-${CERTIFIED_NAME}}`

function formatServer(configuration: FreeradiusConfiguration): string {
  const sign =
    configuration.answersWithMessageAuthenticator === false
      ? ''
      : 'update reply {\n      Message-Authenticator := 0x00\n    }'
  return `server default {
  ${formatListeners(configuration)}
  authorize {
    Autz-Type Status-Server {
      ${sign}
      ok
    }
    questions
    mschap
    suffix
    ntdomain
    eap
    ${configuration.ldap ? LDAP_AUTHORIZE : 'files'}
    if (&control:Tmp-String-0 && &User-Password) {
      if (&State) {
        update control {
          Auth-Type := SecondFactor
        }
      }
      else {
        update control {
          Auth-Type := FirstFactor
        }
      }
    }
    pap
  }
  authenticate {
    Auth-Type FirstFactor {
      pap
      update session-state {
        Tmp-String-0 := "%{control:Tmp-String-0}"
      }
      update reply {
        Reply-Message := "%{control:Tmp-String-2}"
      }
      update control {
        Response-Packet-Type = Access-Challenge
      }
      handled
    }
    Auth-Type SecondFactor {
      if (&session-state:Tmp-String-0 && "%{session-state:Tmp-String-0}" == "%{User-Password}") {
        ok
      }
      else {
        update reply {
          Reply-Message := "wrong code"
        }
        reject
      }
    }
    ${configuration.ldap ? LDAP_AUTHENTICATE : ''}
    Auth-Type PAP {
      pap
    }
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
  accounting {
    detail
    ok
  }
  post-auth {
    update request {
      Tmp-String-1 := "${NAME}"
    }
    ${configuration.ldap ? formatLdapReply(configuration.ldap) : 'replies'}
    ${sign}
    Post-Auth-Type REJECT {
      ${sign}
    }
    Post-Auth-Type Challenge {
      ${sign}
    }
  }
}
`
}

function formatListeners(configuration: FreeradiusConfiguration): string {
  const { address, radsec, authority } = configuration
  const udp = [
    `listen {\n    type = auth\n    ipaddr = ${address}\n    port = ${RADIUS_PORTS.authentication}\n  }`,
    `listen {\n    type = acct\n    ipaddr = ${address}\n    port = ${RADIUS_PORTS.accounting}\n  }`,
  ]
  if (radsec === undefined) return udp.join('\n  ')
  const roots = radsec === true ? authority.certificatePath : radsec
  return [...udp, formatRadsec(configuration, roots)].join('\n  ')
}

/** The secret of RadSec is the same for all (RFC 6614 §2.3): certificates say who it is. */
function formatRadsec(configuration: FreeradiusConfiguration, authority: string): string {
  return `listen {
    type = auth+acct
    proto = tcp
    ipaddr = ${configuration.address}
    port = ${RADIUS_PORTS.radsec}
    virtual_server = default
    clients = radsec
    tls {
      ${formatTls(configuration, authority)}
      require_client_cert = yes
    }
  }`
}

/** What the TLS of PEAP and TTLS holds. Who it is goes out to the server around it. */
const INNER_TUNNEL = `server inner-tunnel {
  authorize {
    mschap
    suffix
    ntdomain
    update control {
      Proxy-To-Realm := LOCAL
    }
    eap
    files
  }
  authenticate {
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
  post-auth {
    update outer.session-state {
      Tmp-String-1 := "${TYPED_NAME}"
    }
  }
}
clients radsec {
  client any {
    ipaddr = *
    proto = tls
    secret = radsec
  }
}
`
