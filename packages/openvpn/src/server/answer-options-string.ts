/** An options string that is echoed stays within this. */
const MAX_ECHO = 1024

/** What stands for the other side in an options string. */
const MIRROR: Readonly<Record<string, string>> = {
  'tls-client': 'tls-server',
  'proto UDPv4_CLIENT': 'proto UDPv4_SERVER',
  'proto TCPv4_CLIENT': 'proto TCPv4_SERVER',
  'proto TCPv6_CLIENT': 'proto TCPv6_SERVER',
  'keydir 1': 'keydir 0',
}

/**
 * The server's options string (OCC). Clients compare it with their own and warn of differences
 * that the push message settles anyway, so the answer is the client's own string, mirrored.
 */
export function answerOptionsString(clientOptions: string): string {
  return clientOptions
    .slice(0, MAX_ECHO)
    .split(',')
    .map(option => MIRROR[option] ?? option)
    .join(',')
}
