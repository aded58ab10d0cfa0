import { armErrors, type ErrorBody } from '@causeway/api-contract'

/** What a client says that a resource must be for a request to be done (RFC 9110 §13.1). */
export interface Preconditions {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
}

/**
 * Why a change may not be made; `undefined`: it may.
 *
 * @param etag of the resource as it is; absent: there is none.
 */
export function judgePreconditions(
  { ifMatch, ifNoneMatch }: Preconditions,
  id: string,
  etag: string | undefined,
): ErrorBody | undefined {
  if (ifMatch !== undefined && !isNamed(ifMatch, etag)) return armErrors.preconditionFailed(id, ifMatch)
  if (ifNoneMatch !== undefined && isNamed(ifNoneMatch, etag))
    return {
      code: 'PreconditionFailed',
      message: `'${id}' is there already, and If-None-Match says that it must not be.`,
      target: id,
    }
  return undefined
}

/** Whether a reader has this version already. */
export function isUnchanged({ ifNoneMatch }: Preconditions, etag: string): boolean {
  return ifNoneMatch !== undefined && isNamed(ifNoneMatch, etag)
}

/** Whether a list of etags names this one. Ours are weak; a client may leave that out. */
function isNamed(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  const wanted = opaque(etag)
  return list.split(',').some(each => each.trim() === '*' || opaque(each.trim()) === wanted)
}

function opaque(etag: string): string {
  return etag.replace(/^W\//i, '').replaceAll('"', '')
}
