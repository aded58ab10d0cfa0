import { existsSync } from 'node:fs'
import type { Ground } from '../ground.ts'
import { progress, type Round, runBench } from '../run.ts'
import { measureAttack } from './attack.ts'
import { type SignInServer, startByRadius, startByToken } from './gateway.ts'
import { openVpnByRadius, PLUGIN } from './openvpn.ts'
import { PASSWORD, RadiusResponder } from './radius-responder.ts'
import { type Results, samplesOf } from './rows.ts'
import { measureSignIns, people } from './sign-ins.ts'
import { measureValidations, startTenant, tokenHolders } from './tokens.ts'

// npm run bench -- auth [--only radius|token|attack]: how many people sign in a second, by RADIUS beside Debian's
// openvpn with its plugin (package openvpn-auth-radius; without it Causeway alone) and by token; and what honest users
// notice of 10,000 wrong passwords a minute.

const COUNT = { full: 300, quick: 100 } as const
const ATTACK = {
  full: { honest: 150, attempts: 2_500 },
  quick: { honest: 60, attempts: 1_500 },
} as const
const VALIDATION_SECONDS = 1
const HOLDERS = 50

const results: Results = { rates: [], validations: [], tokenRates: [], attacks: [] }

interface Contender {
  readonly name: 'causeway' | 'openvpn'
  startByRadius(): Promise<SignInServer>
}

runBench<Contender['name'], Contender>({
  name: 'auth',
  peer: 'openvpn',
  contenders: async ground => [
    ...(existsSync(PLUGIN)
      ? [{ name: 'openvpn', startByRadius: await openVpnByRadius(ground) } as const]
      : []),
    { name: 'causeway', startByRadius: () => startByRadius(ground) },
  ],
  takeRound: async round => {
    if (round.wants('radius')) await radiusRound(round)
    if (round.wants('token')) await tokenRound(round)
    if (round.wants('attack')) await attackRound(round)
  },
  samples: () => samplesOf(results),
})

async function radiusRound({ ground, contenders, options }: Round<Contender>): Promise<void> {
  const count = COUNT[options.quick ? 'quick' : 'full']
  await withResponder(ground, async () => {
    for (const { name, startByRadius: start } of contenders) {
      const server = await start()
      try {
        const rate = await measureSignIns(ground, server, people(HOLDERS, 'user', PASSWORD), count)
        results.rates.push({ server: name, rate })
        progress(`by RADIUS, ${name}: ${JSON.stringify(rate)}`)
      } finally {
        await server.stop()
      }
    }
  })
}

async function tokenRound({ ground, options }: Round<Contender>): Promise<void> {
  const tenant = await startTenant(ground)
  try {
    const holders = await tokenHolders(HOLDERS, tenant.key)
    results.validations.push(await measureValidations(VALIDATION_SECONDS))
    const gateway = await startByToken(ground, tenant.authority)
    try {
      const rate = await measureSignIns(ground, gateway, holders, COUNT[options.quick ? 'quick' : 'full'])
      results.tokenRates.push(rate)
      progress(`by token: ${results.validations.at(-1)} judged a second, ${JSON.stringify(rate)}`)
    } finally {
      await gateway.stop()
    }
  } finally {
    await tenant.stop()
  }
}

async function attackRound({ ground, options }: Round<Contender>): Promise<void> {
  await withResponder(ground, async radius => {
    const gateway = await startByRadius(ground)
    try {
      const attack = await measureAttack(ground, gateway, radius, ATTACK[options.quick ? 'quick' : 'full'])
      results.attacks.push(attack)
      progress(`attack: ${JSON.stringify(attack)}`)
    } finally {
      await gateway.stop()
    }
  })
}

async function withResponder(
  ground: Ground,
  measure: (radius: RadiusResponder) => Promise<void>,
): Promise<void> {
  const radius = await RadiusResponder.start(ground)
  try {
    await measure(radius)
  } finally {
    await radius.stop()
  }
}
