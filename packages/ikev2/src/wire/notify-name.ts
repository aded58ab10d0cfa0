import { NOTIFY } from './numbers.ts'

/** The registered name of a notification, for the log. */
export function notifyName(notify: number): string {
  return NAMES.get(notify) ?? `notification ${notify}`
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(NOTIFY).map(([name, number]) => [number, name]),
)
