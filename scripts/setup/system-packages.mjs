import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, must, output, say } from './run.mjs'

/** Directory of the running Node's headers. */
export const NODE_PREFIX = dirname(dirname(process.execPath))

/** What a gateway needs: Debian package → a file or command that shows it is there. */
const GATEWAY = {
  'g++': 'g++',
  make: 'make',
  python3: 'python3',
  iproute2: 'ip',
  nftables: 'nft',
  procps: 'sysctl',
  // Packet capture.
  tcpdump: 'tcpdump',
}

/** What the tests need besides: the real peers, and the guest kernel they run in. */
const TESTS = {
  openvpn: 'openvpn',
  'openvpn-auth-radius': '/usr/lib/openvpn/radiusplugin.so',
  iperf3: 'iperf3',
  'iputils-ping': 'ping',
  openssl: 'openssl',
  curl: 'curl',
  git: 'git',
  'user-mode-linux': 'linux.uml',
  debootstrap: 'debootstrap',
  // az is fetched from another release of Debian.
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  'busybox-static': 'busybox',
  'charon-systemd': 'charon-systemd',
  'strongswan-swanctl': 'swanctl',
  'libcharon-extra-plugins': '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so',
  'libcharon-extauth-plugins': '/usr/lib/ipsec/plugins/libstrongswan-eap-mschapv2.so',
  'libstrongswan-standard-plugins': '/usr/lib/ipsec/plugins/libstrongswan-gcm.so',
  'libstrongswan-extra-plugins': '/usr/lib/ipsec/plugins/libstrongswan-curve25519.so',
  freeradius: 'freeradius',
  'freeradius-utils': 'radclient',
  'freeradius-ldap': '/usr/lib/freeradius/rlm_ldap.so',
  eapoltest: 'eapol_test',
  slapd: 'slapd',
  'ldap-utils': 'ldapadd',
  chromium: 'chromium',
}

/** Services that packages of the tests would start: strongSwan's would take the gateway's UDP ports 500 and 4500. */
const UNWANTED_SERVICES = {
  'charon-systemd': 'strongswan.service',
  freeradius: 'freeradius.service',
  slapd: 'slapd.service',
}

/** Installs by apt what is missing. `purpose` is `gateway` or `tests`. */
export function installSystemPackages(purpose) {
  const wanted = purpose === 'tests' ? { ...GATEWAY, ...TESTS } : GATEWAY
  const missing = Object.entries(wanted)
    .filter(([, command]) => !onPath(command))
    .map(([name]) => name)
  missing.push(...missingHeaders())
  if (missing.length === 0) return
  if (!onPath('apt-get'))
    fail(`these are missing, and there is no apt-get to install them: ${missing.join(' ')}`)
  say(`installing ${missing.join(' ')}`)
  for (const name of missing) maskService(UNWANTED_SERVICES[name])
  const apt = ['-o', 'DPkg::Lock::Timeout=600', '-qq']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env }
  must('updating the package lists', 'apt-get', [...apt, 'update'], quiet)
  must(
    'installing packages',
    'apt-get',
    [...apt, 'install', '-y', '--no-install-recommends', ...missing],
    quiet,
  )
}

/** What `systemctl mask` does, ahead of the package; `systemctl unmask` takes it back. */
function maskService(service) {
  const units = '/etc/systemd/system'
  if (service === undefined || existsSync(join(units, service))) return
  mkdirSync(units, { recursive: true })
  symlinkSync('/dev/null', join(units, service))
}

/** A Node from Debian keeps its headers, and OpenSSL's, in packages of their own. */
function missingHeaders() {
  const include = join(NODE_PREFIX, 'include', 'node')
  if (existsSync(join(include, 'node_api.h'))) {
    const openssl = existsSync(join(include, 'openssl', 'evp.h')) || existsSync('/usr/include/openssl/evp.h')
    return openssl ? [] : ['libssl-dev']
  }
  const owner = output('dpkg', ['-S', process.execPath]) ?? ''
  return owner.startsWith('nodejs:') ? ['libnode-dev', 'libssl-dev'] : []
}

const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** `command` is a program's name or, for what is no program, a file's path. */
function onPath(command) {
  if (command.startsWith('/')) return existsSync(command)
  const directories = [...(process.env.PATH ?? '').split(':'), ...SYSTEM_DIRECTORIES]
  return directories.some(directory => existsSync(join(directory, command)))
}
