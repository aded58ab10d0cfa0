import { lookup as lookupAddress } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { parseIpAddress } from '@causeway/wire'
import { isAllowedAddress, parseDestination } from './destination.ts'

/** An address of a host name. */
export interface HostAddress {
  readonly address: string
  readonly family: number
}

export interface HttpsFetchOptions {
  /** CAs in PEM beside the public ones. */
  readonly ca?: readonly string[]
  readonly allowHttp?: boolean
  /** Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly HostAddress[]>
}

/**
 * Makes a `fetch` for documents of providers. Unlike the global one it takes CAs, looks at the addresses that
 * a name resolves to (a name that resolves to a forbidden one is refused), and never follows a redirect.
 *
 * It knows string URLs, string bodies, and headers as a record. The body of the answer is a stream, so
 * whoever reads it decides how much.
 */
export function createHttpsFetch(options: HttpsFetchOptions = {}): typeof fetch {
  const { ca = [], allowHttp = false, resolve = resolveAll } = options
  const lookup = checkedLookup(resolve)
  const trust = ca.length > 0 ? { ca: [...rootCertificates, ...ca] } : {}
  return async (input, init = {}) => {
    const target = parseDestination(String(input), allowHttp)
    if (target.type === 'fault') throw new TypeError(target.reason)
    return exchange(target.url, init, { ...trust, lookup, agent: false })
  }
}

function exchange(url: URL, init: RequestInit, base: RequestOptions): Promise<Response> {
  const body = typeof init.body === 'string' ? init.body : undefined
  const headers = { ...Object.fromEntries(new Headers(init.headers)), 'accept-encoding': 'identity' }
  const options: RequestOptions = { ...base, method: init.method ?? 'GET', headers }
  if (init.signal) options.signal = init.signal
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, options, answer => resolve(responseOf(answer)))
    request.on('error', reject)
    request.end(body)
  })
}

/** Statuses that a `Response` must not have a body for: Fetch standard, "null body status". */
const withoutBody: readonly number[] = [101, 103, 204, 205, 304]

function responseOf(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 502
  const headers = new Headers()
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  if (!withoutBody.includes(status)) return new Response(Readable.toWeb(answer), { status, headers })
  answer.resume()
  return new Response(null, { status, headers })
}

function resolveAll(host: string): Promise<readonly HostAddress[]> {
  return lookupAddress(host, { all: true })
}

/** A resolver for sockets that gives no address unless all of them may be connected to. */
function checkedLookup(resolve: (host: string) => Promise<readonly HostAddress[]>): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      addresses => {
        const [first] = addresses
        if (!first || !addresses.every(isAllowed)) return callback(forbiddenHost(host), [])
        if (options.all) return callback(null, [...addresses])
        return callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
}

function isAllowed({ address }: HostAddress): boolean {
  const parsed = parseIpAddress(address)
  return parsed !== undefined && isAllowedAddress(parsed)
}

function forbiddenHost(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} resolves to an address that is never asked`), {
    code: 'ERR_FORBIDDEN_ADDRESS',
  })
}
