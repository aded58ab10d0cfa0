import type { ConnectionMode } from '@causeway/site-to-site'
import type { End } from './end.ts'
import { half, type Sa } from './ike.ts'
import { befall } from './incidents.ts'
import { heal, isCompatible, MODES, newAgreement } from './scenario.ts'
import { World } from './world.ts'

/**
 * When all is well for so long, both ends are up: a poll of the vault (10 min), a dial's longest wait (1 min), its
 * tries and DPD (1 min), an answer of the vault that did not come (1 min); some to spare.
 */
export const UP_WITHIN_MS = 900_000
/** Time for a last replacement; after that nothing moves. */
const CALM_MS = 600_000
const STILL_MS = 300_000
/** Time for DELETE and dead peer detection. */
const ENDING_MS = 120_000

export interface Outcome {
  readonly isGentle: boolean
  readonly wasCompatible: boolean
  readonly downs: number
  readonly dials: number
}

/** Lives a seed. Errors: `Error` when anything is not as it must be. */
export function live(seed: number): Outcome {
  const world = new World(seed)
  const isGentle = world.random.chance(0.3)
  const modes = modesOf(world, isGentle)
  const [a, b] = world.ends
  a.address = '192.0.2.1'
  b.address = '192.0.2.2'
  let wasCompatible = round(world, modes)
  const afterFirst = a.downs + b.downs
  if (world.loss === 0 && afterFirst > 0) throw new Error('flaps where nothing is wrong')
  if (isGentle) disturb(world, true)
  else if (world.random.chance(0.9)) {
    disturb(world, false)
    wasCompatible = round(world, modesOf(world, false))
  }
  const downs = a.downs + b.downs
  if (isGentle && (downs > afterFirst || !isUp(world)))
    throw new Error('went down for what should not touch it')
  end(world)
  return { isGentle, wasCompatible, downs, dials: a.calls.dialsInAll + b.calls.dialsInAll }
}

/** All is put right, and after a time all is well, and stays so. */
function round(world: World, modes: readonly [ConnectionMode, ConnectionMode]): boolean {
  heal(world, modes, newAgreement(world))
  world.run(UP_WITHIN_MS)
  const wasCompatible = isCompatible(modes)
  if (!wasCompatible) return false
  requireUp(world, 'in time')
  world.run(CALM_MS)
  const before = activity(world)
  world.run(STILL_MS)
  if (activity(world) !== before) throw new Error('does not come to rest')
  requireUp(world, 'in the end')
  requireAgreement(world)
  return true
}

function modesOf(world: World, mustFit: boolean): readonly [ConnectionMode, ConnectionMode] {
  const modes = [world.pick(MODES), world.pick(MODES)] as const
  return mustFit && !isCompatible(modes) ? ['Default', 'Default'] : modes
}

function disturb(world: World, isGentle: boolean): void {
  for (const own of world.ends) own.isLate = true
  const incidents = 2 + world.random.integer(8)
  for (let i = 0; i < incidents; i++) {
    world.run(world.pick([0, 500, 5_000, 60_000, 300_000]) * 2 * world.random.fraction())
    befall(world, isGentle)
  }
  world.run(world.random.integer(600_000))
}

function end(world: World): void {
  for (const own of world.ends) own.configure(undefined)
  world.run(ENDING_MS)
  for (const own of world.ends) {
    if (own.nextTimeout() !== undefined) throw new Error(`${own.name} has left a timer`)
    if (world.ike.upAt(own).length > 0) throw new Error(`${own.name} has left a session`)
    if (own.status?.status === 'Connected') throw new Error(`${own.name} says that it is up`)
  }
}

function isUp(world: World): boolean {
  return world.ends.every(own => own.status?.tunnels.every(({ status }) => status === 'Connected') === true)
}

function requireUp(world: World, when: string): void {
  if (isUp(world)) return
  const said = world.ends.map(own => JSON.stringify(own.status)).join(' · ')
  throw new Error(`is not up ${when}: ${said}`)
}

/** Both carry by the same session, and there is no other. */
function requireAgreement(world: World): void {
  for (const own of world.ends) {
    const sas = world.ike.upAt(own)
    if (sas.length !== own.plan?.tunnels.length) throw new Error(`${own.name} has ${sas.length} sessions`)
    const carried = [...own.carries].flatMap(([, session]) => (session === undefined ? [] : [session]))
    if (carried.some(session => !bothCarry(world, own, session)))
      throw new Error('the ends carry by different sessions')
    for (const sa of sas) requirePresent(own, sa)
  }
}

/** What is up is by the present configuration, and where this end may renew it by its newest certificate. */
function requirePresent(own: End, sa: Sa): void {
  const answer = own.ask(own.newSession(), sa.tunnel)
  const kept = half(sa, own)
  if (answer.type !== 'accept' || !kept) throw new Error(`${own.name} would not have ${sa.tunnel} again`)
  if (kept.terms !== answer.terms) throw new Error(`${own.name} goes on by a configuration that is gone`)
  if (own.plan?.mode !== 'ResponderOnly' && kept.material !== answer.material)
    throw new Error(`${own.name} goes on by ${kept.material}, and has ${answer.material}`)
}

function bothCarry(world: World, own: End, session: number): boolean {
  const sa = world.ike.sa(own, session)
  const peer = world.other(own)
  return [...peer.carries.values()].some(other => other !== undefined && world.ike.sa(peer, other) === sa)
}

function activity(world: World): string {
  return world.ends.map(own => `${own.downs} ${own.calls.dialsInAll}`).join(' ')
}
