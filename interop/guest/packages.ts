/** What Debian packages the guest holds: the real clients under test, and the tools the scenarios use. */
export const GUEST_PACKAGES = [
  'bind9-host', // libreswan wants a `host`, and debootstrap does not choose one by itself
  'ca-certificates',
  'iperf3',
  'iproute2',
  'iputils-ping',
  'kmod',
  'libgmp10', // of strongSwan, with the next two
  'libcap2',
  'libsystemd0',
  'libreswan',
  'nftables',
  'openiked',
  'openssl',
  'openvpn',
  'ppp',
  'procps',
  'sstp-client',
  'tcpdump',
] as const

/**
 * What the guest has from the host, which is of the same release: its kernel's modules, and strongSwan, whose
 * packages and libreswan's refuse each other although their files do not meet.
 */
export const HOST_FILES: Readonly<Record<string, string>> = {
  '/usr/lib/uml/modules': 'usr/lib/modules',
  '/bin/busybox': 'usr/bin/busybox',
  '/usr/lib/ipsec': 'usr/lib/ipsec',
  '/usr/sbin/charon-systemd': 'usr/sbin/charon-systemd',
  '/usr/sbin/swanctl': 'usr/sbin/swanctl',
}

/** What the host needs to build and boot a guest. */
export const HOST_PACKAGES = [
  'busybox-static',
  'charon-systemd',
  'debootstrap',
  'libcharon-extauth-plugins',
  'libcharon-extra-plugins',
  'libstrongswan-extra-plugins',
  'libstrongswan-standard-plugins',
  'strongswan-swanctl',
  'user-mode-linux',
] as const
