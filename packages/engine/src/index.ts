export { DeadlineQueue } from './deadline-queue.ts'
export type { Datagram, Engine, Instant } from './engine.ts'
export { Outbox } from './outbox.ts'
export { TimerTable } from './timer-table.ts'
