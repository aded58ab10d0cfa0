import type { ControlResults, DeployedResource, ManagementRequest } from '@causeway/api-contract'
import { CommandError } from '../quick-start/index.ts'

/** Parameters of a request to the management API. */
type ParamsOf<Method extends ManagementRequest['method']> = Extract<
  ManagementRequest,
  { readonly method: Method }
>['params']

/** The operator's commands that the management API answers. Errors of every function: `CommandError`, `StoreError`. */
export interface ManagementPort {
  addPrincipal(wanted: ParamsOf<'principal.add'>): Promise<ControlResults['principal.add']>
  listPrincipals(): Promise<ControlResults['principal.list']['principals']>
  addPrincipalSecret(wanted: ParamsOf<'principal.secret'>): Promise<ControlResults['principal.secret']>
  removePrincipal(wanted: ParamsOf<'principal.remove'>): Promise<ControlResults['principal.remove']>
  /**
   * Answers when the deployment has ended, one that failed included. `onProgress` hears of every resource that has come
   * further, and does not throw.
   */
  applyTemplate(
    wanted: ParamsOf<'template.apply'>,
    onProgress: (resource: DeployedResource) => void,
  ): Promise<ControlResults['template.apply']>
  importCertificate(wanted: ParamsOf<'cert.import'>): Promise<ControlResults['cert.import']>
  /** Issues one by the installation's authority, into a vault. */
  issueCertificate(wanted: ParamsOf<'cert.issue'>): Promise<ControlResults['cert.issue']>
  listCertificates(wanted: ParamsOf<'cert.list'>): Promise<ControlResults['cert.list']['certificates']>
  showCertificate(wanted: ParamsOf<'cert.show'>): Promise<ControlResults['cert.show']>
  /** Looks at everything that a connection hangs by. Changes nothing. */
  diagnoseConnection(wanted: ParamsOf<'connection.doctor'>): Promise<ControlResults['connection.doctor']>
}

/**
 * Where the management API is found once it runs. Its commands do not wait for the gateway's own, nor these for them:
 * a template changes the gateway, which takes its turn then.
 */
export class ManagementSocket {
  #port: ManagementPort | undefined

  /** Answers by `port` from now on. Returns what ends it. */
  attach(port: ManagementPort): () => void {
    this.#port = port
    return () => {
      if (this.#port === port) this.#port = undefined
    }
  }

  /** Errors: those of the port, and `CommandError` `Conflict` without one. */
  async answer(
    request: ManagementRequest,
    onProgress: (resource: DeployedResource) => void,
  ): Promise<ControlResults[ManagementRequest['method']]> {
    const port = this.#port
    if (!port) throw new CommandError('Conflict', 'the management API does not run; start it with --api-port')
    switch (request.method) {
      case 'principal.add':
        return port.addPrincipal(request.params)
      case 'principal.list':
        return { principals: await port.listPrincipals() }
      case 'principal.secret':
        return port.addPrincipalSecret(request.params)
      case 'principal.remove':
        return port.removePrincipal(request.params)
      case 'template.apply':
        return port.applyTemplate(request.params, onProgress)
      case 'cert.import':
        return port.importCertificate(request.params)
      case 'cert.issue':
        return port.issueCertificate(request.params)
      case 'cert.list':
        return { certificates: await port.listCertificates(request.params) }
      case 'cert.show':
        return port.showCertificate(request.params)
      case 'connection.doctor':
        return port.diagnoseConnection(request.params)
      default:
        return request satisfies never
    }
  }
}
