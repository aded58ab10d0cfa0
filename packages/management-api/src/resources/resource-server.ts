import type { DocumentFault, ErrorBody, ErrorCode } from '@causeway/api-contract'
import type { Caller } from '../rights/caller.ts'
import type { Body } from './document.ts'

/** A resource as it is handed to what stands behind its type, its secrets in it. */
export interface ServedResource {
  /** As it is answered. */
  readonly id: string
  readonly name: string
  readonly type: string
  readonly location: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** `resourceGuid`: another one each time that it is made. */
  readonly guid: string
  /** All that was put, `location` and `tags` included. */
  readonly body: Body
}

/** What is to be made true. */
export type ResourceChange =
  | { readonly type: 'put'; readonly next: ServedResource; readonly former: ServedResource | undefined }
  | { readonly type: 'remove'; readonly former: ServedResource }

/** One call of an action of a resource. */
export interface ActionCall {
  /** Its operation's second half in ARM's own documents, as `Generatevpnclientpackage`. */
  readonly name: string
  readonly resource: ServedResource
  /** Checked against the action's schema; absent: there was none. */
  readonly body: unknown
  /** The parameters that the registry names, `api-version` apart. */
  readonly query: Readonly<Record<string, string | undefined>>
  readonly caller: Caller
  /** By which the client came, without a slash at the end. */
  readonly baseUrl: string
}

/** What an action came to. */
export type ActionResult =
  /** JSON, as the registry says; absent: nothing. */
  | { readonly type: 'done'; readonly result?: unknown }
  | { readonly type: 'failed'; readonly error: ErrorBody }

/**
 * What stands behind a resource type beside the store. A type without one is a plain document, and a type whose server
 * lacks `apply` is there as soon as it is stored.
 */
export interface ResourceServer {
  /** Whether `apply` takes no time to speak of: whoever asks then waits for it, and has no operation to poll. */
  readonly isQuick?: boolean
  /**
   * The body that is to be stored in place of the one that was put, such as with what it leaves out filled in. Rejects
   * with a {@link ResourceServerError} when the resource may not be made. Nothing was stored yet.
   */
  prepare?(next: ServedResource, former: ServedResource | undefined): Promise<Body>
  /**
   * What is wrong with a resource beyond its shape. Nothing was stored yet. A {@link ResourceServerError} refuses the
   * resource as a whole.
   */
  check?(next: ServedResource, former: ServedResource | undefined): Promise<readonly DocumentFault[]>
  /**
   * Ids that a resource names and that are another installation's to have: they are not looked for here, and nobody
   * needs a right at them.
   */
  elsewhere?(next: ServedResource): readonly string[]
  /** Rights that a change needs at the resource, beside that of the call. */
  rights?(next: ServedResource, former: ServedResource | undefined): readonly string[]
  /**
   * Makes a change true. Rejects when it could not: the former state then still holds. A {@link ResourceServerError}
   * says why to whoever asked.
   */
  apply?(change: ResourceChange): Promise<void>
  /** What is filled in on reading, laid over the body's `properties`. The resource comes without its secrets. */
  view?(resource: ServedResource): Promise<Body>
  /** `undefined`: this server has no such action. */
  action?(call: ActionCall): Promise<ActionResult | undefined>
}

/** Thrown by a resource server: what could not be done, to be told to whoever asked. */
export class ResourceServerError extends Error {
  readonly code: ErrorCode
  readonly target: string | undefined

  constructor(code: ErrorCode, message: string, target?: string) {
    super(message)
    this.name = 'ResourceServerError'
    this.code = code
    this.target = target
  }
}

/** What is told of an error that a server threw: its own words, or only that there was one. */
export function serverErrorBody(error: unknown): ErrorBody {
  if (error instanceof ResourceServerError) {
    const { code, message, target } = error
    return { code, message, ...(target !== undefined && { target }) }
  }
  return {
    code: 'InternalServerError',
    message: 'The gateway could not do it. Its log says why, under the x-ms-request-id of this answer.',
  }
}
