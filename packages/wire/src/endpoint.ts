import { formatIpAddress, type IpAddress, sameIpAddress } from './ip-address.ts'

/** A transport address: IP address and port (1–65535, 0 where any will do). */
export interface Endpoint {
  readonly address: IpAddress
  readonly port: number
}

/** `192.0.2.1:443` or `[2001:db8::1]:443`; equal endpoints give equal text, so it serves as a map key. */
export function formatEndpoint(endpoint: Endpoint): string {
  const address = formatIpAddress(endpoint.address)
  return endpoint.address.family === 4 ? `${address}:${endpoint.port}` : `[${address}]:${endpoint.port}`
}

/** Whether both are the same address and port. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && sameIpAddress(a.address, b.address)
}
