import type { SessionId } from '@causeway/ikev2'
import type { End } from './end.ts'
import { pick } from './life.ts'
import type { World } from './world.ts'

/** Something happens that no timer brings. */
export type Incident = (world: World) => void

/** One end or both at nearly the same time: within the time that a packet takes. */
function crossing(act: (world: World, end: End, after: number) => void): Incident {
  return world => {
    const { random, life } = world
    const both = random.chance(0.6)
    const reach = 2 * (life.link.delayMilliseconds + life.link.jitterMilliseconds)
    const chosen = both ? world.ends : [pick(random, world.ends)]
    for (const end of chosen) act(world, end, random.chance(0.3) ? 0 : random.integer(reach))
  }
}

function ofSessions(act: (world: World, end: End, session: SessionId, after: number) => void): Incident {
  return crossing((world, end, after) => {
    for (const session of world.sessionsOf(end)) act(world, end, session, after)
  })
}

const rekeyIke = ofSessions((world, end, session, after) =>
  world.command(end, { type: 'rekey-ike', session }, after),
)

const rekeyChild = crossing((world, end, after) => {
  for (const [child, { session }] of end.gateway.flows)
    world.command(end, { type: 'rekey-child', session, child }, after)
})

const softLimit = crossing((world, end, after) => {
  for (const [child, { selected }] of end.gateway.flows)
    if (selected !== undefined) world.command(end, { type: 'soft-limit', child, receiveSpi: selected }, after)
})

const probe = ofSessions((world, end, session, after) =>
  world.command(end, { type: 'probe', session }, after),
)

/** One does this, the other that. */
const mixed: Incident = world => {
  const acts = [rekeyIke, rekeyChild, softLimit, probe]
  pick(world.random, acts)(world)
  pick(world.random, acts)(world)
}

const move: Incident = world => {
  if (world.life.nat) world.rebind()
  else if (world.life.initiator.mobike) world.roam()
}

/** While this happens, one direction loses everything for a while: one end notices what the other does not. */
function unheard(incident: Incident): Incident {
  return world => {
    const { pair, random, life } = world
    incident(world)
    world.advance(random.integer(2 * (life.link.delayMilliseconds + life.link.jitterMilliseconds)))
    const link = pick(random, [pair.a.link, pair.b.link])
    world.silence([link], random.integer(4000))
    if (random.chance(0.5)) incident(world)
  }
}

const GENTLE: readonly Incident[] = [
  ...[rekeyIke, rekeyChild, softLimit, mixed, move],
  ...[unheard(rekeyIke), unheard(rekeyChild), unheard(mixed), unheard(mixed)],
]

const deleteChild = crossing((world, end, after) => {
  for (const [child, { session }] of end.gateway.flows)
    world.command(end, { type: 'delete-child', session, child }, after)
})

const hardLimit = crossing((world, end, after) => {
  for (const [child, { sas }] of end.gateway.flows) {
    const receiveSpi = pick(world.random, [...sas.keys()])
    if (receiveSpi !== undefined) world.command(end, { type: 'hard-limit', child, receiveSpi }, after)
  }
})

/** More than one is enough. */
const MOST_FLOWS = 3

const createChild = ofSessions((world, end, session, after) => {
  if (end.gateway.flows.size >= MOST_FLOWS) return
  const { local, remote } = world.life[end.name]
  world.command(end, { type: 'create-child', session, local, remote }, after)
})

const disconnect = ofSessions((world, end, session, after) =>
  world.command(end, { type: 'disconnect', session, reason: 'told so' }, after),
)

const restart: Incident = world => world.restart(pick(world.random, world.ends))

/** Nothing passes for a while. */
const outage: Incident = world => {
  const { pair, random } = world
  const links = [pair.a.link, pair.b.link].filter(() => random.chance(0.7))
  world.outage(links, random.integer(pick(random, [3000, 20_000, 300_000])))
}

const roughMix: Incident = world => {
  const acts = [rekeyIke, rekeyChild, deleteChild, hardLimit, createChild, disconnect, probe]
  pick(world.random, acts)(world)
  pick(world.random, acts)(world)
}

const ROUGH: readonly Incident[] = [
  ...GENTLE,
  deleteChild,
  hardLimit,
  createChild,
  disconnect,
  restart,
  outage,
  roughMix,
  unheard(roughMix),
  unheard(roughMix),
  unheard(roughMix),
]

export function nextIncident(world: World): Incident {
  return pick(world.random, world.life.manner === 'gentle' ? GENTLE : ROUGH)
}
