import { lookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { limits } from '../limits.ts'
import { isAskedAddress } from './revocation-address.ts'

/** One question to an address that a validated certificate names. */
export interface RevocationQuestion {
  readonly uri: string
  /** An OCSP request to POST. Absent: GET. */
  readonly ocspRequest?: Uint8Array
  readonly maximumBytes: number
}

/** The body of the answer. Rejects with an error whose message is for the log. */
export type RevocationFetch = (question: RevocationQuestion) => Promise<Uint8Array>

export interface RevocationFetchOptions {
  /** For tests: this machine itself may be asked. Default no. */
  readonly allowLoopback?: boolean
  /** For a whole exchange. Default 5,000. */
  readonly timeoutMilliseconds?: number
}

const TIMEOUT_MILLISECONDS = 5_000

/**
 * Asks over http or https. Never a link-local address, a cloud's metadata service, or this machine: the address that is
 * judged is the one that is connected to. No redirect is followed, so none leads there either.
 */
export function createRevocationFetch(options: RevocationFetchOptions = {}): RevocationFetch {
  const { allowLoopback = false, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = options
  return question => ask(question, allowLoopback, timeoutMilliseconds)
}

async function ask(
  { uri, ocspRequest, maximumBytes }: RevocationQuestion,
  allowLoopback: boolean,
  timeoutMilliseconds: number,
): Promise<Uint8Array> {
  const url = askedUrl(uri, allowLoopback)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const signal = AbortSignal.timeout(timeoutMilliseconds)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, {
      method: ocspRequest ? 'POST' : 'GET',
      agent: false,
      signal,
      lookup: guardedLookup(allowLoopback),
      headers: ocspRequest
        ? { 'content-type': 'application/ocsp-request', 'content-length': ocspRequest.length }
        : {},
    })
    request.on('response', resolve)
    request.on('error', error => reject(signal.aborted ? new Error('it does not answer in time') : error))
    request.end(ocspRequest)
  })
  try {
    return await bodyOf(answer, maximumBytes)
  } catch (error) {
    throw signal.aborted ? new Error('it does not answer in time', { cause: error }) : error
  } finally {
    answer.destroy()
  }
}

/** Errors: `Error` for what is never asked. */
function askedUrl(uri: string, allowLoopback: boolean): URL {
  if (uri.length > limits.uriCharacters || !URL.canParse(uri)) throw new Error('it is no URL')
  const url = new URL(uri)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('it is neither http nor https')
  if (url.username !== '' || url.password !== '') throw new Error('it carries credentials')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isAskedAddress(host, allowLoopback)) throw new Error(NEVER_ASKED)
  return url
}

const NEVER_ASKED = 'it leads to an address that is never asked'

/** A name of which one address may not be asked is not asked at all. */
function guardedLookup(allowLoopback: boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const [first] = found ?? []
      if (error) callback(error, '')
      else if (!first || !found.every(({ address }) => isAskedAddress(address, allowLoopback))) {
        callback(new Error(NEVER_ASKED), '')
      } else if (options.all) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

async function bodyOf(answer: IncomingMessage, maximumBytes: number): Promise<Uint8Array> {
  const status = answer.statusCode ?? 0
  if (status !== 200) throw new Error(`it answers HTTP ${status}`)
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > maximumBytes) throw new Error(`its answer is larger than ${maximumBytes} bytes`)
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}
