/** Ours: deeper than any document of ours, and than a template. */
const DEPTH_LIMIT = 128

/**
 * What keeps a value that was read from a file from being sent on as JSON; `undefined`: nothing. Aliases of YAML may
 * stand for much more than was written, so every place counts as often as it would be written out.
 *
 * @param sizeLimit most characters as JSON, roughly.
 */
export function plainFault(value: unknown, sizeLimit: number): string | undefined {
  let size = 0
  const faultOf = (part: unknown, depth: number): string | undefined => {
    size += typeof part === 'string' ? part.length + 3 : 4
    if (size > sizeLimit) return `stands for more than ${sizeLimit} bytes; make it smaller`
    if (typeof part === 'number' && !Number.isFinite(part)) return 'holds a number without end; give another'
    if (typeof part !== 'object' || part === null) return undefined
    if (depth > DEPTH_LIMIT) return `is nested deeper than ${DEPTH_LIMIT} levels; make it flatter`
    for (const [name, inner] of Object.entries(part)) {
      size += name.length + 3
      // It would change what an object is, wherever it is copied.
      if (name === '__proto__') return 'holds a property __proto__; remove it'
      const fault = faultOf(inner, depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  return faultOf(value, 0)
}
