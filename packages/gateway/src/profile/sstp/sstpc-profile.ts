import { formatIpPrefix } from '@causeway/wire'
import { ipv4DestinationsOf, isForcedTunnel } from '../destinations.ts'
import { pppdWord, shellWord } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import { sstpServer } from './sstp-server.ts'

/**
 * `Sstpc/`: for `sstpc` and `pppd` 2.4.9 or later, by EAP-TLS. `Sstpc/connect` run by root connects, and stays until
 * it is stopped; the folder may lie anywhere.
 */
export function sstpcFiles(parts: PackageParts): PackageFile[] {
  const { clientName } = parts
  return [
    { path: 'Sstpc/connect', content: connectScript(parts), executable: true },
    { path: 'Sstpc/ip-up', content: ipUpScript(parts), executable: true },
    { path: 'Sstpc/options', content: pppdOptions(parts) },
    { path: 'Sstpc/ca.pem', content: parts.authority },
    { path: `Sstpc/${clientName}.pem`, content: parts.certificate },
    { path: `Sstpc/${clientName}-key.pem`, content: parts.privateKey },
  ]
}

/** Paths are given here, because an options file takes none that is relative to itself. */
function connectScript(parts: PackageParts): string {
  const { clientName, configuration } = parts
  // Else the way to the gateway would lead through the tunnel.
  const route = isForcedTunnel(configuration) ? ' --save-server-route' : ''
  return `#!/bin/sh
# Connects, as root, until it is stopped. Options after it go to pppd: ./connect debug
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
name=${shellWord(clientName)}
mkdir -p /run/sstpc # sstpc and pppd meet there, and sstpc does not make it
exec sstpc --log-stderr --tls-ext${route} --ca-cert "$here/ca.pem" --ipparam "causeway-$name" \\
  ${shellWord(sstpServer(parts))} file "$here/options" ip-up-script "$here/ip-up" \\
  ca "$here/ca.pem" cert "$here/$name.pem" key "$here/$name-key.pem" "$@"
`
}

/** PPP tells no routes. Those of an interface go with it. */
function ipUpScript({ configuration }: PackageParts): string {
  const routes = ipv4DestinationsOf(configuration).map(
    prefix => `ip route replace ${shellWord(formatIpPrefix(prefix))} dev "$1"\n`,
  )
  return `#!/bin/sh
# pppd calls it with the interface as the first word, in place of /etc/ppp/ip-up, which sees to DNS.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${routes.join('')}[ ! -x /etc/ppp/ip-up ] || exec /etc/ppp/ip-up "$@"
`
}

function pppdOptions({ clientName, serverName }: PackageParts): string {
  return `name ${pppdWord(clientName)}
# What the common name of the gateway's certificate has to be.
remotename ${pppdWord(serverName)}
need-peer-eap
# pppd asks for no sign-in of its own: the gateway is known by TLS, and by its certificate in EAP-TLS.
noauth
refuse-pap
refuse-chap
refuse-mschap
refuse-mschap-v2
noipdefault
nodefaultroute
usepeerdns
noipv6
lcp-echo-interval 20
lcp-echo-failure 3
nodetach
`
}
