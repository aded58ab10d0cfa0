import { formatIpAddress } from '@causeway/wire'
import type { HttpAnswer, HttpRequest, HttpRoute, HttpRoutes } from '../listener/http-route.ts'
import { FormTokens } from './form-tokens.ts'
import type { SignInDesk } from './sign-in-desk.ts'
import {
  confirmationPage,
  elsewherePage,
  failurePage,
  otherBrowserPage,
  signedInPage,
  staleFormPage,
  unknownPage,
} from './sign-in-pages.ts'

/** Under the public URL. */
export const SIGN_IN_PATH = '/signin/'
/** Where the provider sends browsers back to: to be registered there. */
export const CALLBACK_PATH = '/signin/callback'

const idPath = /^\/signin\/([A-Za-z0-9_-]{22})$/
/** Not sent with a request that another site made. */
const ASK_COOKIE = '__Host-signin-ask'

export interface SignInRoutesOptions {
  readonly desk: SignInDesk
  /** Shown to users: the host of the public URL. */
  readonly gateway: string
  readonly timeoutSeconds: number
}

/** The pages of sign-in through the browser. */
export function signInRoutes({ desk, gateway, timeoutSeconds }: SignInRoutesOptions): HttpRoutes {
  const tokens = new FormTokens()
  const ask = (request: HttpRequest, id: string): HttpAnswer => {
    const waiting = desk.find(id)
    if (!waiting) return notFound()
    const { address } = request.remote
    if (!desk.isPlaceOf(waiting, address)) return refused(elsewherePage(formatIpAddress(address)))
    const secret = tokens.secretOf(request.cookies.get(ASK_COOKIE))
    const { caller, since } = waiting
    const html = confirmationPage({
      action: request.path,
      token: tokens.token(secret, id),
      gateway,
      address: formatIpAddress(caller.address),
      program: caller.program,
      since,
    })
    return { status: 200, html, cookies: [cookie(ASK_COOKIE, secret, 'Strict', timeoutSeconds)] }
  }
  const confirm = async (request: HttpRequest, id: string): Promise<HttpAnswer> => {
    const waiting = desk.find(id)
    if (!waiting) return notFound()
    const { cookies, form, fetchSite, remote } = request
    if (!desk.isPlaceOf(waiting, remote.address))
      return refused(elsewherePage(formatIpAddress(remote.address)))
    const isOurs = tokens.isGood(form.get('token') ?? '', cookies.get(ASK_COOKIE), id)
    if (!isOurs || (fetchSite !== undefined && fetchSite !== 'same-origin')) return refused(staleFormPage())
    const confirmed = await desk.confirm(id)
    if (!confirmed) return notFound()
    if (confirmed.type === 'deny') return { status: 503, html: failurePage(confirmed.userReason) }
    const { url, binding } = confirmed
    return {
      status: 303,
      html: '',
      location: url,
      cookies: [cookie(binding.name, binding.value, 'Lax', timeoutSeconds)],
    }
  }
  const callback: HttpRoute = { methods: ['GET'], answer: request => complete(desk, request) }
  return path => {
    if (path === CALLBACK_PATH) return callback
    const [, id] = idPath.exec(path) ?? []
    if (id === undefined) return undefined
    const answer = (request: HttpRequest) =>
      request.method === 'POST' ? confirm(request, id) : ask(request, id)
    return { methods: ['GET', 'POST'], answer }
  }
}

async function complete(desk: SignInDesk, { query, cookies, remote }: HttpRequest): Promise<HttpAnswer> {
  const { address } = remote
  const parameter = (name: string) => query.get(name) ?? undefined
  const completion = await desk.complete({
    address,
    cookies,
    state: parameter('state') ?? '',
    code: parameter('code'),
    error: parameter('error'),
    description: parameter('error_description'),
    iss: parameter('iss'),
  })
  switch (completion.type) {
    case 'signed-in':
      return { status: 200, html: signedInPage(completion.user), cookies: [noCookie(completion.spent)] }
    case 'denied':
      return { ...refused(failurePage(completion.userReason)), cookies: [noCookie(completion.spent)] }
    case 'unknown':
      return notFound()
    case 'other-browser':
      return refused(otherBrowserPage())
    case 'elsewhere':
      return refused(elsewherePage(formatIpAddress(address)))
    default:
      return completion satisfies never
  }
}

function notFound(): HttpAnswer {
  return { status: 404, html: unknownPage() }
}

function refused(html: string): HttpAnswer {
  return { status: 403, html }
}

/** Names and values are ours. */
function cookie(name: string, value: string, sameSite: 'Strict' | 'Lax', seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=${sameSite}`
}

function noCookie(name: string): string {
  return cookie(name, '', 'Lax', 0)
}
