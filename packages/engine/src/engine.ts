/** A moment of the monotonic clock, in milliseconds. Never wall-clock time. */
export type Instant = number

/** A packet and the path it came by. The bytes are borrowed for the call. */
export interface Datagram<Path> {
  readonly path: Path
  readonly bytes: Uint8Array
}

/**
 * A protocol core: a value that turns inputs into outputs and does no I/O (DESIGN §3).
 *
 * 1. After any `handle*`, drain `poll()` until `undefined`, then read `nextTimeout()`.
 * 2. `now` never decreases; a spurious `handleTimeout` does nothing.
 * 3. No bytes from a peer make a `handle*` throw.
 * 4. Input bytes are borrowed for the call; output bytes belong to the receiver.
 * 5. No promises: what is slow or outside leaves as an output with an id and comes back as a command.
 * 6. Randomness, keys and wall-clock time come from injected ports.
 */
export interface Engine<Path, Command, Output> {
  handleDatagram(datagram: Datagram<Path>, now: Instant): void
  handleCommand(command: Command, now: Instant): void
  handleTimeout(now: Instant): void
  poll(): Output | undefined
  nextTimeout(): Instant | undefined
}
