import { SKUS, type SkuLimits } from './sku-table.ts'

/** Whether a gateway of one SKU may become one of another, or why it would have to be deleted and created anew. */
export type ResizeVerdict =
  | { readonly type: 'allowed' }
  | { readonly type: 'refused'; readonly reason: ResizeReason }

/** Why a gateway keeps its SKU (facts §8), as it ends `X cannot become Y: …`. */
export const RESIZE_REASONS = {
  fromBasic: 'a Basic gateway keeps its SKU',
  toBasic: 'no gateway becomes a Basic one',
  generation: 'a gateway keeps its generation',
  smaller: 'a gateway is not made smaller',
  zones: 'a zone-redundant gateway stays one',
} as const
export type ResizeReason = keyof typeof RESIZE_REASONS

/**
 * Azure's rules of resizing: never from or to Basic, within a generation, to as large a SKU or a larger one, and from
 * AZ to AZ. `Unlimited` is ours and has no part in them: anything may become it, and it anything.
 */
export function judgeResize(from: SkuLimits, to: SkuLimits): ResizeVerdict {
  if (from === to || from.generation === 'None' || to.generation === 'None') return { type: 'allowed' }
  if (from.name === 'Basic') return refused('fromBasic')
  if (to.name === 'Basic') return refused('toBasic')
  if (from.generation !== to.generation) return refused('generation')
  if (sizeOf(to) < sizeOf(from)) return refused('smaller')
  if (from.zoneRedundant && !to.zoneRedundant) return refused('zones')
  return { type: 'allowed' }
}

/** What a gateway of this SKU may become, itself among it. */
export function resizesOf(from: SkuLimits): readonly SkuLimits[] {
  return SKUS.filter(to => judgeResize(from, to).type === 'allowed')
}

function refused(reason: ResizeReason): ResizeVerdict {
  return { type: 'refused', reason }
}

/** The number in its name. */
function sizeOf({ name }: SkuLimits): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0)
}
