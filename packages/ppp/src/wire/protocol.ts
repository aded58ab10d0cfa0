/** PPP protocol numbers (IANA "PPP DLL Protocol Numbers") that this package knows. */
export const PROTOCOLS = {
  ipv4: 0x0021,
  ipv6: 0x0057,
  ipcp: 0x8021,
  ipv6cp: 0x8057,
  lcp: 0xc021,
  pap: 0xc023,
  chap: 0xc223,
  eap: 0xc227,
} as const
