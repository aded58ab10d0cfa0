import { type ListenerSettings, quote } from '@causeway/api-contract'
import { formatIpAddress, type IpAddress, parseIpAddress } from '@causeway/wire'
import { CommandError } from './command-error.ts'

/** The port of OpenVPN, SSTP and HTTPS alike. */
export const DEFAULT_PORT = 443

/** An address to listen on, and the port there. */
export interface ListenAddress {
  readonly address: IpAddress
  readonly port: number
}

/** Reads `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`. Errors: `CommandError` `InvalidParameter`. */
export function parseListenAddress(text: string): ListenAddress {
  const bare = parseIpAddress(text)
  if (bare) return { address: bare, port: DEFAULT_PORT }
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text) ?? []
  const address = parseIpAddress(inBrackets ?? plain ?? '')
  const number = port === undefined ? DEFAULT_PORT : Number(port)
  if (address && number >= 1 && number <= 65_535) return { address, port: number }
  const remedy = 'give an IP address of this machine, or ADDRESS:PORT'
  throw new CommandError('InvalidParameter', `--listen: ${quote(text)} is not an address; ${remedy}`)
}

/** UDP and TCP listeners there. */
export function listenersAt({ address, port }: ListenAddress): ListenerSettings[] {
  const text = formatIpAddress(address)
  return [
    { transport: 'udp', address: text, port },
    { transport: 'tcp', address: text, port },
  ]
}

/** Whether it stands for all addresses of the machine. */
export function isWildcard({ address }: ListenAddress): boolean {
  return address.bytes.every(byte => byte === 0)
}
