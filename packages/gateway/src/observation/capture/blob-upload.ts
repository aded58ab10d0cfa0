import { lookup } from 'node:dns'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { parseIpAddress, parseIpPrefix, prefixContains } from '@causeway/wire'
import { CommandError } from '../../quick-start/command-error.ts'

export interface BlobUploadOptions {
  /** Whether the machine itself may be the target: for tests. Default no. */
  readonly allowLocal?: boolean
  /** PEM: the authority of the store, where it is not a public one. */
  readonly authority?: string
  /** Gives the upload up. */
  readonly signal?: AbortSignal
}

/** Without a byte on its way for so long, the store is given up. */
const IDLE_MILLISECONDS = 60_000
/** For 500 MB over 2 Mbit/s: a store that takes a byte now and then holds nobody up for ever. */
const WHOLE_MILLISECONDS = 40 * 60_000
const URL_CHARACTERS = 4_096
const ERROR_BYTES = 4_096

/** What belongs to this machine and its link: what stands there is not meant for who may name a URL. */
const FORBIDDEN = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
].flatMap(text => parseIpPrefix(text) ?? [])

/**
 * Puts a file into a blob store, as Azure's `Put Blob` by the URL of a shared access signature. No redirect is
 * followed. Errors: `CommandError` `InvalidParameter` for a URL that may not be used, `Conflict` when the store does
 * not take it. Neither has the URL's query, which is a secret.
 */
export async function uploadBlob(
  path: string,
  sasUrl: string,
  options: BlobUploadOptions = {},
): Promise<void> {
  const url = blobUrl(sasUrl, options)
  const { size } = await stat(path)
  const late = AbortSignal.timeout(WHOLE_MILLISECONDS)
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new CommandError('Conflict', `the capture could not be put to ${url.host}: ${why}`))
    }
    const put = request(url, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2021-08-06', 'content-length': size },
      timeout: IDLE_MILLISECONDS,
      agent: false,
      signal: options.signal ? AbortSignal.any([options.signal, late]) : late,
      ...(!options.allowLocal && { lookup: guardedLookup }),
      ...(options.authority !== undefined && { ca: options.authority }),
    })
    put.on('timeout', () => put.destroy(new Error('it does not answer')))
    put.on('error', error => fail(error.message))
    put.on('response', answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text = (text + piece).slice(0, ERROR_BYTES)
      })
      answer.on('error', error => fail(error.message))
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else fail(`HTTP ${status} ${/<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? ''}`.trim())
      })
    })
    const file = createReadStream(path)
    file.on('error', error => put.destroy(error))
    put.on('close', () => file.destroy())
    file.pipe(put)
  })
}

/** Errors: `CommandError`. Checked before a capture is ended for it, too. */
export function blobUrl(sasUrl: string, { allowLocal = false }: BlobUploadOptions = {}): URL {
  if (sasUrl.length > URL_CHARACTERS) refuse(`has more than ${URL_CHARACTERS} characters`)
  const url = URL.canParse(sasUrl) ? new URL(sasUrl) : refuse('is no URL')
  if (url.protocol !== 'https:') refuse('is not an https URL')
  if (url.username !== '' || url.password !== '') refuse('has a user name or a password in it')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowLocal && isIP(host) !== 0 && isForbidden(host)) refuse(LOCAL)
  return url
}

const LOCAL = 'leads to this machine or its link'

function isForbidden(text: string): boolean {
  const address = parseIpAddress(text.split('%')[0] ?? '')
  return !address || FORBIDDEN.some(prefix => prefixContains(prefix, address))
}

/** The address that is judged is the one that is connected to: a name cannot change in between. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const first = found?.find(({ address }) => !isForbidden(address))
    if (error) callback(error, '')
    else if (!first || found.some(({ address }) => isForbidden(address))) callback(new Error(LOCAL), '')
    else if (options.all) callback(null, found)
    else callback(null, first.address, first.family)
  })
}

function refuse(problem: string): never {
  const message = `sasUrl ${problem}: give the https URL of a blob, with its shared access signature`
  throw new CommandError('InvalidParameter', message, [
    { code: 'InvalidParameter', message, target: 'sasUrl' },
  ])
}
