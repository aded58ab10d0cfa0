import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { json } from 'node:stream/consumers'
import type Provider from 'oidc-provider'
import { TenantDirectory } from './entra-tenant-directory.ts'
import type { TenantCommand, TenantDocument, TenantEndpoint } from './entra-tenant-document.ts'
import { servePage } from './entra-tenant-pages.ts'
import { tenantProvider } from './entra-tenant-provider.ts'

// entra-tenant-main.ts DOCUMENT SOCKET: an OpenID provider in the shape of Entra, on port 443 of an address, and for
// the test on a socket, where it takes commands too. Prints a line for each request of the port.

interface Place extends TenantEndpoint {
  readonly provider: Provider
  readonly handle: ReturnType<Provider['callback']>
}

const [documentPath = '', socketPath = ''] = process.argv.slice(2)
const document = JSON.parse(readFileSync(documentPath, 'utf8')) as TenantDocument
const directory = new TenantDirectory(document.users)
let places = openPlaces(document.keys)

/** The longest path first. */
function openPlaces(keys: TenantDocument['keys']): Place[] {
  const longer = (a: TenantEndpoint, b: TenantEndpoint): number => b.path.length - a.path.length
  return document.endpoints.toSorted(longer).map(endpoint => {
    const provider = tenantProvider(endpoint, document.apps, directory, keys)
    return { ...endpoint, provider, handle: provider.callback() }
  })
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? ''
  const place = places.find(({ path }) => url.startsWith(`${path}/`))
  if (!place) {
    response.writeHead(404).end()
    return
  }
  const below = url.slice(place.path.length)
  if (below.startsWith('/interaction/')) return servePage(place.provider, directory, request, response)
  // As Express does it: from the two the provider concludes where it is.
  Object.assign(request, { originalUrl: url, url: below })
  return place.handle(request, response)
}

function obey(command: TenantCommand): void {
  if (command.type === 'keys') places = openPlaces(command.keys)
  else directory.setEnabled(command.upn, command.isEnabled)
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const isCommand = request.socket.localAddress === undefined && request.url === '/command'
  const done = isCommand
    ? json(request).then(command => {
        obey(command as TenantCommand)
        response.writeHead(204).end()
      })
    : serve(request, response)
  done.catch(error => {
    console.error('defect', error)
    response.writeHead(500).end()
  })
}

const tls = {
  cert: readFileSync(document.credential.certificatePath),
  key: readFileSync(document.credential.keyPath),
}
const server = createTlsServer(tls, (request, response) => {
  const [path] = (request.url ?? '').split('?')
  response.on('finish', () => console.log(request.method, path, response.statusCode))
  answer(request, response)
})
server.listen(443, document.address, () => {
  createServer(answer).listen(socketPath, () => console.log('listening'))
})
