import { createHash } from 'node:crypto'
import { xmlText } from '../profile/escape.ts'

/** What the user is shown before anything is done: who asks. */
export interface Confirmation {
  /** Where the form goes. */
  readonly action: string
  readonly token: string
  readonly gateway: string
  readonly address: string
  /** Empty: it is not known. */
  readonly program: string
  /** Unix seconds. */
  readonly since: number
}

const STYLE =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}' +
  'dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.6rem 1.4rem;color:#fff;background:#0b57a4;border:2px solid #0b57a4;border-radius:.3rem}' +
  'button:focus-visible{outline:3px solid #1b1b1b;outline-offset:2px}'

/**
 * `Content-Security-Policy` of the pages: no script, nothing loaded, in no frame. Browsers hold the redirect that
 * answers a form against `form-action` too, so it has to name where providers are.
 */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self' https:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

export function confirmationPage({ action, token, gateway, address, program, since }: Confirmation): string {
  return page(
    'Sign in to the VPN',
    markup`<p>A VPN client asks to sign in:</p>
<dl>
<dt>Gateway</dt><dd>${gateway}</dd>
<dt>Address of the device</dt><dd>${address}</dd>
<dt>VPN program</dt><dd>${program === '' ? 'not known' : program}</dd>
<dt>Time</dt><dd>${formatTime(since)}</dd>
</dl>
<p><strong>Continue only if you just started a VPN connection on this device.</strong> If somebody sent you the link to
this page, close it: who asks you to continue would be connected in your name.</p>
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<button type="submit">Continue</button>
</form>`,
  )
}

export function signedInPage(user: string): string {
  return page(
    'You are signed in',
    markup`<p>Signed in as ${user}. The VPN client goes on by itself; you can close this page.</p>`,
  )
}

/** @param reason for the user: tells a stranger nothing about the gateway. */
export function failurePage(reason: string): string {
  return page(
    'Sign-in failed',
    markup`<p id="reason">${sentence(reason)}</p>
<p>Start the VPN connection again to have another try.</p>`,
  )
}

export function unknownPage(): string {
  return page(
    'This link is not valid',
    markup`<p>It was used already, took too long, or never was one. Start the VPN connection again.</p>`,
  )
}

/** @param address of the browser. */
export function elsewherePage(address: string): string {
  return page(
    'Sign in on the device that connects',
    markup`<p>This browser comes from ${address}, and the VPN client that asks comes from another address. To keep others
from being connected in your name, both have to come from the same one.</p>
<p>Open the link on the device where you started the VPN connection, without a proxy or another VPN.</p>`,
  )
}

export function otherBrowserPage(): string {
  return page(
    'Sign in with the browser that began',
    markup`<p>This sign-in was begun in another browser, or this one keeps no cookies. Go on there, or start the VPN
connection again.</p>`,
  )
}

/** The form was not one that this browser got from us. */
export function staleFormPage(): string {
  return page(
    'Please try again',
    markup`<p>The page was too old, or this browser keeps no cookies. Open the link of the VPN client again.</p>`,
  )
}

function page(title: string, content: Markup): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ text: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.text
}

/** HTML, unlike text. */
interface Markup {
  readonly text: string
}

/** Whatever text stands in it is escaped. */
function markup(parts: TemplateStringsArray, ...values: readonly (string | Markup)[]): Markup {
  const written = values.map(value => (typeof value === 'string' ? xmlText(value) : value.text))
  return { text: String.raw({ raw: parts }, ...written) }
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}

function formatTime(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
