import type { HistoryView } from '@causeway/api-contract'
import type { DocumentStore, HistoryRecord } from '@causeway/store'

/** Below it the store has the resources of ARM, by their ids in lower case. */
const RESOURCES = 'resources'

/** The changes that were made to a resource and what is below it, or to everything, newest first. Errors: the store's. */
export async function historyView(
  documents: Pick<DocumentStore, 'history'>,
  { target, limit }: { readonly target?: string; readonly limit?: number },
): Promise<readonly HistoryView[]> {
  const records = await documents.history({ limit, ...(target !== undefined && { target: keyOf(target) }) })
  return records.map(entryOf)
}

function keyOf(target: string): string {
  return target.startsWith('/') ? `${RESOURCES}${target.toLowerCase().replace(/\/+$/, '')}` : target
}

function entryOf({ at, who, action, target, before, after }: HistoryRecord): HistoryView {
  const isResource = target.startsWith(`${RESOURCES}/`)
  return {
    at,
    who,
    action,
    target: isResource ? target.slice(RESOURCES.length) : target,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }
}
