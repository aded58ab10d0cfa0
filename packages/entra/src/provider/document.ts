import { type JsonObject, parseJsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { type Fault, fault } from '../result.ts'
import { parseDestination } from './destination.ts'

/** How documents are asked for. */
export interface FetchOptions {
  readonly fetch: typeof fetch
  /** For one document, redirects included. */
  readonly timeoutMilliseconds: number
  readonly allowHttp: boolean
}

/** An answer of any status; `object` is `undefined` when the body is not a JSON object. */
export interface Answer {
  readonly type: 'answer'
  readonly status: number
  readonly object: JsonObject | undefined
}

/** Fetches a JSON object with status 200. Redirects are followed within the origin alone. */
export async function fetchDocument(
  url: string,
  options: FetchOptions,
): Promise<{ type: 'object'; object: JsonObject } | Fault> {
  const signal = AbortSignal.timeout(options.timeoutMilliseconds)
  let target = parseDestination(url, options.allowHttp)
  for (let left: number = limits.redirects; ; left--) {
    if (target.type === 'fault') return target
    const response = await ask(target.url, { headers: { accept: 'application/json' } }, options, signal)
    if (response.type === 'fault') return response
    const location = redirectOf(response)
    if (location === undefined) return readDocument(target.url, response, signal)
    await response.body?.cancel()
    if (left === 0) return fault(`${target.url.host} redirects too often`)
    target = followed(target.url, location, options.allowHttp)
  }
}

/** Sends a form and reads the JSON answer, whatever its status. Redirects are not followed. */
export async function postForm(
  url: string,
  form: URLSearchParams,
  headers: Readonly<Record<string, string>>,
  options: FetchOptions,
): Promise<Answer | Fault> {
  const target = parseDestination(url, options.allowHttp)
  if (target.type === 'fault') return target
  const signal = AbortSignal.timeout(options.timeoutMilliseconds)
  const init = {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: form.toString(),
  }
  const response = await ask(target.url, init, options, signal)
  if (response.type === 'fault') return response
  const body = await readBody(target.url, response, signal)
  if (body.type === 'fault') return body
  const parsed = parseJsonObject(body.text)
  const object = parsed.type === 'object' ? parsed.object : undefined
  return { type: 'answer', status: response.status, object }
}

async function ask(
  url: URL,
  init: RequestInit,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Response | Fault> {
  try {
    return await options.fetch(url.href, { ...init, redirect: 'manual', signal })
  } catch (error) {
    return fault(`${url.host} cannot be reached: ${describeFailure(error, signal)}`)
  }
}

function redirectOf(response: Response): string | undefined {
  const isRedirect = response.status >= 300 && response.status < 400
  return isRedirect ? (response.headers.get('location') ?? undefined) : undefined
}

function followed(from: URL, location: string, allowHttp: boolean): ReturnType<typeof parseDestination> {
  if (!URL.canParse(location, from.href)) return fault(`${from.host} redirects to what is not a URL`)
  const to = new URL(location, from)
  if (to.origin !== from.origin) return fault(`${from.host} redirects to ${to.host}, which is not followed`)
  return parseDestination(to.href, allowHttp)
}

async function readDocument(
  url: URL,
  response: Response,
  signal: AbortSignal,
): Promise<{ type: 'object'; object: JsonObject } | Fault> {
  if (response.status !== 200) {
    await response.body?.cancel()
    return fault(`${url.host}${url.pathname} answers with status ${response.status}`)
  }
  const body = await readBody(url, response, signal)
  if (body.type === 'fault') return body
  const parsed = parseJsonObject(body.text)
  return parsed.type === 'fault' ? fault(`${url.host}${url.pathname} ${parsed.reason}`) : parsed
}

/** The body, as long as it stays within the limit: what is longer is not read to its end. */
async function readBody(
  url: URL,
  response: Response,
  signal: AbortSignal,
): Promise<{ type: 'text'; text: string } | Fault> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > limits.documentBytes) return fault(`${url.host} answers with too many bytes`)
      text += decoder.decode(chunk, { stream: true })
    }
  } catch (error) {
    return fault(`${url.host} broke off: ${describeFailure(error, signal)}`)
  }
  return { type: 'text', text: text + decoder.decode() }
}

/** The code of the error or of its cause (ECONNREFUSED, CERT_HAS_EXPIRED …), which says more than `fetch failed`. */
function describeFailure(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time'
  if (!(error instanceof Error)) return 'no connection'
  const { cause } = error
  const inner = cause instanceof Error ? cause : error
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
}
