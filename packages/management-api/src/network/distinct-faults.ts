import { type DocumentFault, formatDocumentFault } from '@causeway/api-contract'

/** Faults that several judges report, each told once. */
export function distinctFaults(faults: readonly DocumentFault[]): readonly DocumentFault[] {
  const seen = new Set<string>()
  return faults.flatMap(({ path, problem, remedy }) => {
    const line = formatDocumentFault({ path, problem, remedy })
    if (seen.has(line)) return []
    seen.add(line)
    return [{ path, problem, remedy }]
  })
}
