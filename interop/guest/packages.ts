/** What Debian packages the guest holds: the real clients under test, and the tools the scenarios use. */
export const GUEST_PACKAGES = [
  'ca-certificates',
  'iperf3',
  'iproute2',
  'iputils-ping',
  'kmod',
  'nftables',
  'openssl',
  'openvpn',
  'procps',
  'tcpdump',
] as const

/** What the host needs to build and boot a guest. */
export const HOST_PACKAGES = ['busybox-static', 'debootstrap', 'user-mode-linux'] as const
