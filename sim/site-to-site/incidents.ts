import type { ConnectionPlan, PlanDigests } from '@causeway/site-to-site'
import type { End } from './end.ts'
import { MODES } from './scenario.ts'
import type { VaultState } from './vault.ts'
import type { World } from './world.ts'

const DAY_SECONDS = 86_400
const YEAR_SECONDS = 365 * DAY_SECONDS
const VAULT_STATES: readonly VaultState[] = [
  'silent',
  'unreachable',
  'forbidden',
  'disabled',
  'deleted',
  'no-identity',
  'unfit',
]

type Incident = (world: World, end: End) => void

/** What must never take down what is up. */
const GENTLE: readonly Incident[] = [
  vaultFails,
  vaultFails,
  vaultIsBack,
  rotate,
  rotate,
  jump,
  hint,
  dnsChanges,
]

const ROUGH: readonly Incident[] = [
  ...GENTLE,
  cut,
  cut,
  (_, end) => end.restart(),
  (_, end) => end.command({ type: 'reset' }),
  (world, end) => world.ike.impostor(end),
  loseChildren,
  move,
  world => world.ike.breakAll(),
  (world, end) => change(end, plan => ({ ...plan, mode: world.pick(MODES) })),
  (world, end) => digest(end, 'authentication', `${end.plan?.own.type}:k${world.random.integer(4)}`),
  (world, end) => digest(end, 'ike', `i${world.random.integer(2)}`),
  (world, end) => digest(end, 'child', `c${world.random.integer(2)}`),
  changeMethod,
  (world, end) =>
    change(end, plan => ({ ...plan, tunnels: plan.tunnels.slice(0, 1 + world.random.integer(2)) })),
  (world, end) => change(end, plan => atOtherAddresses(plan, world.random.integer(3))),
  (world, end) => end.vault.put(`k${world.random.integer(4)}`, end.seconds + 90 * DAY_SECONDS),
  (world, end) => end.vault.put(`k${world.random.integer(4)}`, end.seconds - DAY_SECONDS),
  (world, end) => removeForAWhile(world, end),
]

/** Lets something happen. */
export function befall(world: World, isGentle: boolean): void {
  world.pick(isGentle ? GENTLE : ROUGH)(world, world.pick(world.ends))
}

function vaultFails(world: World, end: End): void {
  end.vault.state = world.pick(VAULT_STATES)
  if (world.random.chance(0.5)) hint(world, end)
}

function vaultIsBack(_: World, end: End): void {
  end.vault.state = 'good'
}

/** A new version by the same issuer, with its end near or far. */
function rotate(world: World, end: End): void {
  const key = end.plan?.digests.authentication.split(':')[1] ?? ''
  end.vault.put(key, end.seconds + world.pick([0.01, 0.5, 5, 20, 90]) * DAY_SECONDS)
  if (world.random.chance(0.5)) hint(world, end)
}

function jump(world: World, end: End): void {
  end.clockSeconds = world.pick([0, YEAR_SECONDS, -YEAR_SECONDS, 3_600, -3_600])
}

function hint(_: World, end: End): void {
  end.command({ type: 'material-changed' })
}

/** Names point elsewhere; both ends stay where they are. */
function dnsChanges(world: World, end: End): void {
  end.resolves = world.pick([undefined, '203.0.113.77', world.other(end).address])
}

function cut(world: World): void {
  if (world.cutSince !== undefined) return
  world.cutSince = world.now
  world.ike.watchAll()
  world.after(1_000 + world.random.integer(200_000), () => {
    world.cutSince = undefined
  })
}

function loseChildren(world: World, end: End): void {
  for (const sa of world.ike.upAt(end)) world.ike.childAll(sa, false)
}

/** An end gets another address; sessions go along, or do not. The other end's names know it later. */
function move(world: World, end: End): void {
  end.address = `198.51.100.${1 + world.random.integer(250)}`
  if (world.random.chance(0.5)) world.ike.breakAll()
  world.after(world.random.integer(200_000), () => {
    world.other(end).resolves = end.address
  })
}

function changeMethod(world: World, end: End): void {
  change(end, plan => {
    const isPsk = plan.own.type === 'certificate'
    const key = `k${world.random.integer(4)}`
    return {
      ...plan,
      own: isPsk
        ? { type: 'psk' }
        : { type: 'certificate', certificateId: 'https://vault/certificates/other' },
      digests: { ...plan.digests, authentication: `${isPsk ? 'psk' : 'certificate'}:${key}` },
    }
  })
}

function atOtherAddresses(plan: ConnectionPlan, host: number): ConnectionPlan {
  const local = { family: 4, bytes: Uint8Array.of(10, 9, 9, host) } as const
  return { ...plan, tunnels: plan.tunnels.map(tunnel => ({ ...tunnel, local })) }
}

function removeForAWhile(world: World, end: End): void {
  const { plan } = end
  end.configure(undefined)
  if (end.nextTimeout() !== undefined) throw new Error(`${end.name} is not configured, and has a timer`)
  world.after(world.random.integer(60_000), () => {
    if (!end.plan) end.configure(plan)
  })
}

function digest(end: End, part: keyof PlanDigests, text: string): void {
  change(end, plan => ({ ...plan, digests: { ...plan.digests, [part]: text } }))
}

function change(end: End, by: (plan: ConnectionPlan) => ConnectionPlan): void {
  if (end.plan) end.configure(by(end.plan))
}
