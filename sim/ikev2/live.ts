import { nextIncident } from './incidents.ts'
import { lifeOf, type Manner } from './life.ts'
import { type Tally, World } from './world.ts'

/** Lives the life of a seed from the first message to the last. Errors: `Error` that names the seed. */
export function live(seed: number, manner: Manner, traces = false): Tally {
  const life = lifeOf(seed, manner)
  const world = new World(life, traces)
  try {
    world.connect()
    world.advance(5000)
    const share = life.milliseconds / (life.incidents + 1)
    for (let left = life.incidents; left > 0; left--) {
      world.advance(world.random.chance(0.3) ? world.random.integer(3000) : share)
      nextIncident(world)(world)
    }
    world.advance(share)
    world.end()
    return world.tally
  } catch (cause) {
    const lines = world.trace.slice(-120).join('\n')
    throw new Error(`seed ${seed}, a ${manner} life${lines ? `\n${lines}` : ''}`, { cause })
  }
}
