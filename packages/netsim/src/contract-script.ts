import type { Datagram, Instant } from '@causeway/engine'
import type { ContractSubject } from './engine-contract.ts'
import type { SeededRandom } from './seeded-random.ts'

/** What an engine is told next: at a time that was recorded, else at once; or time passes. */
export type ScriptStep<Path, Command> =
  | { readonly type: 'datagram'; readonly datagram: Datagram<Path>; readonly at?: Instant }
  | { readonly type: 'command'; readonly command: Command; readonly at?: Instant }
  | { readonly type: 'timeout'; readonly at?: Instant }
  /** Deadlines in that time are kept. */
  | { readonly type: 'wait'; readonly milliseconds: number }

export type Script<Path, Command> = readonly ScriptStep<Path, Command>[]

const RANDOM_PACKETS = 200
const RANDOM_BITS_PER_PACKET = 32
const LONGEST_RANDOM_PACKET = 1600
/** Packets that are tried in the middle of a life: half are noise, half the life's own, changed. */
const PACKETS_IN_LIFE = 500
/** How much of a life is lived when they come. */
const LIFE_SHARES = [0.25, 0.5, 0.75, 1] as const
/** Longer than any deadline: by then an engine has come to rest, or goes round. */
const LONG_WAIT_MILLISECONDS = 600_000

/** Everything that a subject is put through, each script with a fresh engine. */
export function makeScripts<Path, Command, Output>(
  subject: ContractSubject<Path, Command, Output>,
  random: SeededRandom,
): Script<Path, Command>[] {
  const { life = [], packets, path } = subject
  const lastly: Script<Path, Command> = [
    ...subject.commands.map(command => ({ type: 'command', command }) as const),
    { type: 'wait', milliseconds: LONG_WAIT_MILLISECONDS },
  ]
  const datagrams = malformed(packets, random).map(bytes => ({ path, bytes }))
  const fresh = [...disturbed(subject, datagrams, random), ...lastly]
  if (life.length === 0) return [fresh]
  const known = life.flatMap(step => (step.type === 'datagram' ? [step.datagram] : []))
  const inLife = LIFE_SHARES.map(share => [
    ...life.slice(0, Math.ceil(life.length * share)),
    ...disturbed(subject, strange(known, random), random),
    ...lastly,
  ])
  return [fresh, [...life, ...lastly.slice(-1)], ...inLife]
}

/** Packets with commands and waiting in between. */
function disturbed<Path, Command, Output>(
  { commands }: ContractSubject<Path, Command, Output>,
  datagrams: readonly Datagram<Path>[],
  random: SeededRandom,
): Script<Path, Command> {
  return datagrams.flatMap(datagram => {
    const steps: ScriptStep<Path, Command>[] = [{ type: 'datagram', datagram }]
    const command = commands[random.integer(commands.length)]
    if (command !== undefined && random.chance(0.1)) steps.push({ type: 'command', command })
    if (random.chance(0.2)) steps.push({ type: 'wait', milliseconds: random.integer(3000) })
    return steps
  })
}

/** Good packets, the same cut at every length, with changed bits, noise, and the good ones again. */
function malformed(packets: readonly Uint8Array[], random: SeededRandom): Uint8Array[] {
  const wrong = packets.flatMap(packet => [
    ...Array.from({ length: packet.length }, (_, length) => packet.subarray(0, length)),
    ...Array.from({ length: RANDOM_BITS_PER_PACKET }, () => withChangedBits(packet, 1, random)),
  ])
  const noise = Array.from({ length: RANDOM_PACKETS }, () =>
    random.bytes(random.integer(LONGEST_RANDOM_PACKET)),
  )
  return [...packets, ...wrong, ...noise, ...packets]
}

/** Noise, and datagrams of a life cut, changed and repeated. */
function strange<Path>(known: readonly Datagram<Path>[], random: SeededRandom): Datagram<Path>[] {
  return Array.from({ length: known.length > 0 ? PACKETS_IN_LIFE : 0 }, (_, i) => {
    const { path, bytes } = known[random.integer(known.length)] as Datagram<Path>
    if (i % 2 === 0) return { path, bytes: random.bytes(random.integer(200)) }
    const length = random.chance(1 / 3) ? random.integer(bytes.length + 1) : bytes.length
    return { path, bytes: withChangedBits(bytes.subarray(0, length), random.integer(4), random) }
  })
}

function withChangedBits(packet: Uint8Array, times: number, random: SeededRandom): Uint8Array {
  const changed = packet.slice()
  for (let left = packet.length > 0 ? times : 0; left > 0; left--) {
    const at = random.integer(packet.length)
    changed[at] = (changed[at] as number) ^ (1 << random.integer(8))
  }
  return changed
}
