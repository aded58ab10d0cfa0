import { formatIpPrefix } from '@causeway/wire'
import { formatPem } from '@causeway/x509'
import { ipv4DestinationsOf, isForcedTunnel } from '../destinations.ts'
import { pppdWord, shellWord } from '../escape.ts'
import { credentialName, type PackageFile, type PackageParts } from '../package-parts.ts'
import type { CertificateSignIn, SignIn } from '../sign-in.ts'
import { sstpServer } from './sstp-server.ts'

/**
 * `Sstpc/`: for `sstpc` and `pppd` 2.4.9 or later, by EAP-TLS or MS-CHAPv2. `Sstpc/connect` run by root connects, and stays until
 * it is stopped; the folder may lie anywhere.
 */
export function sstpcFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const files = [
    { path: 'Sstpc/connect', content: connectScript(parts, signIn), executable: true },
    { path: 'Sstpc/ip-up', content: ipUpScript(parts), executable: true },
    { path: 'Sstpc/options', content: pppdOptions(parts, signIn) },
    { path: 'Sstpc/ca.pem', content: parts.authority },
  ]
  if (signIn.type === 'password') return files
  const { certificate, radiusRoot } = signIn
  const name = credentialName(parts)
  return [
    ...files,
    ...(radiusRoot ? [{ path: 'Sstpc/radius-ca.pem', content: formatPem(radiusRoot) }] : []),
    ...(certificate
      ? [
          { path: `Sstpc/${name}.pem`, content: certificate.pem },
          { path: `Sstpc/${name}-key.pem`, content: certificate.privateKey },
        ]
      : []),
  ]
}

/** Paths are given here, because an options file takes none that is relative to itself. */
function connectScript(parts: PackageParts, signIn: SignIn): string {
  const { configuration } = parts
  // Else the way to the gateway would lead through the tunnel.
  const route = isForcedTunnel(configuration) ? ' --save-server-route' : ''
  const { before, words, after } = signIn.type === 'password' ? BY_PASSWORD : byCertificate(parts, signIn)
  return `#!/bin/sh
# Connects, as root, until it is stopped. Options after it go to pppd: ./connect debug
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
${userName(parts, signIn)}mkdir -p /run/sstpc # sstpc and pppd meet there, and sstpc does not make it
${before}sstpc --log-stderr --tls-ext${route} --ca-cert "$here/ca.pem" --ipparam "causeway-$name" \\
  ${shellWord(sstpServer(parts))} file "$here/options" ip-up-script "$here/ip-up" \\
  ${words}${asksName(parts, signIn) ? ' name "$name"' : ''} "$@"${after}
`
}

/** What stands before `sstpc`, what pppd is told of the sign-in, and what comes then. */
interface ConnectParts {
  readonly before: string
  readonly words: string
  readonly after: string
}

function byCertificate(parts: PackageParts, { radiusRoot }: CertificateSignIn): ConnectParts {
  const file = shellWord(credentialName(parts))
  const ca = radiusRoot ? 'radius-ca' : 'ca'
  return {
    before: 'exec ',
    words: `ca "$here/${ca}.pem" cert "$here/"${file}.pem key "$here/"${file}-key.pem`,
    after: '',
  }
}

/** The gateway knows users by their certificates, whatever they call themselves; a RADIUS server is told their names. */
function asksName({ clientName }: PackageParts, signIn: SignIn): boolean {
  return clientName === undefined && (signIn.type === 'password' || signIn.radiusRoot !== undefined)
}

function userName(parts: PackageParts, signIn: SignIn): string {
  if (!asksName(parts, signIn)) return `name=${shellWord(credentialName(parts))}\n`
  return `printf 'User name: ' >&2
IFS= read -r name
`
}

/**
 * The password goes to pppd in a file that only root can read, and that goes with the script: a word of the command
 * line could be read by everybody.
 */
const BY_PASSWORD: ConnectParts = {
  before: `umask 077
secret=$(mktemp)
trap 'rm -f "$secret"' EXIT
printf 'Password of %s: ' "$name" >&2
[ ! -t 0 ] || stty -echo
IFS= read -r password || :
[ ! -t 0 ] || { stty echo; echo >&2; }
printf '%s\\n' "$password" | sed 's/[\\\\"]/\\\\&/g; s/^/password "/; s/$/"/' > "$secret"
`,
  words: 'file "$secret"',
  after: ` &
child=$!
trap 'kill "$child"' HUP INT TERM
status=0
wait "$child" || status=$?
wait "$child" 2> /dev/null || : # the first is cut short by a signal
exit "$status"`,
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

/** In either case pppd asks for no sign-in of the gateway's own: it is known by TLS, and by its certificate in EAP-TLS. */
function pppdOptions(parts: PackageParts, signIn: SignIn): string {
  const name = asksName(parts, signIn) ? '' : `name ${pppdWord(credentialName(parts))}\n`
  return `${name}${signIn.type === 'password' ? 'refuse-eap\n' : certificateOptions(parts, signIn)}noauth
refuse-pap
refuse-chap
refuse-mschap
noipdefault
nodefaultroute
usepeerdns
noipv6
lcp-echo-interval 20
lcp-echo-failure 3
nodetach
`
}

function certificateOptions({ serverName }: PackageParts, { radiusRoot }: CertificateSignIn): string {
  const remote = `# What the common name of the gateway's certificate has to be.
remotename ${pppdWord(serverName)}
`
  return `${radiusRoot ? '' : remote}need-peer-eap
refuse-mschap-v2
`
}
