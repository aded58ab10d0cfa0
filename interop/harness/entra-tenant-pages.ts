import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type Provider from 'oidc-provider'
import type { Interaction, InteractionResult } from 'oidc-provider'
import type { TenantDirectory } from './entra-tenant-directory.ts'

/** The pages on which a user signs in and consents. `request.url` is below the tenant's path. */
export async function servePage(
  provider: Provider,
  directory: TenantDirectory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response)
  const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : undefined
  const result = form && (await settle(provider, directory, interaction, form))
  if (typeof result === 'object')
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  response.end(page(interaction, result ?? ''))
}

/** What the form comes to, or why it has to be filled again. */
function settle(
  provider: Provider,
  directory: TenantDirectory,
  interaction: Interaction,
  form: URLSearchParams,
): Promise<InteractionResult> | InteractionResult | string {
  if (form.get('answer') === 'cancel')
    return { error: 'access_denied', error_description: 'AADSTS65004: User declined to consent.' }
  if (interaction.prompt.name === 'consent') return consent(provider, interaction)
  const user = directory.signIn(form.get('username') ?? '', form.get('password') ?? '')
  return typeof user === 'string' ? user : { login: { accountId: user.oid } }
}

async function consent(provider: Provider, interaction: Interaction): Promise<InteractionResult> {
  const { grantId, params, session, prompt } = interaction
  const { missingOIDCScope = [], missingOIDCClaims = [], missingResourceScopes = {} } = prompt.details
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  const owner = { accountId: session?.accountId ?? '', clientId: params.client_id ?? '' }
  const grant = known ?? new provider.Grant(owner)
  if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '))
  if (missingOIDCClaims.length > 0) grant.addOIDCClaims(missingOIDCClaims)
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '))
  return { consent: { grantId: await grant.save() } }
}

function page({ prompt }: Interaction, message: string): string {
  const [title, fields] =
    prompt.name === 'consent'
      ? ['Permissions requested', '']
      : ['Sign in', '<input name="username" autocomplete="username"><input name="password" type="password">']
  return `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>
<p id="message">${message}</p>
<form method="post">${fields}
<button name="answer" value="accept">Accept</button>
<button name="answer" value="cancel">Cancel</button></form></html>`
}
