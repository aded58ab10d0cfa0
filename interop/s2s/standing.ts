import { expect } from 'vitest'
import type { SitesScenario } from './scenario.ts'

/** How a connection stands, as `causeway connection show` says. */
export interface Standing {
  readonly status: string
  readonly reason: { readonly code: string; readonly message: string }
  readonly notes: readonly string[]
  readonly certificate?: { readonly version: string; readonly subject: string }
}

/** By the name of a connection. */
export function standingOf({ gateway }: Pick<SitesScenario, 'gateway'>, name: string): Promise<Standing> {
  return gateway.json<Standing>('connection', 'show', name)
}

/**
 * The operator is told why a connection is down, or why a device was sent away: in its status or the notes beside it,
 * and in the log. Errors: with what is said instead.
 *
 * @param from a mark of the gateway's log.
 */
export async function expectRefused(
  scenario: Pick<SitesScenario, 'gateway'>,
  name: string,
  { message, from }: { readonly message: RegExp; readonly from: number },
): Promise<void> {
  const said = async (): Promise<string> => {
    const { reason, notes } = await standingOf(scenario, name)
    return [reason.message, ...notes].join('\n')
  }
  await expect.poll(said, { timeout: 20_000, interval: 200 }).toMatch(message)
  expect((await standingOf(scenario, name)).status).not.toBe('Connected')
  await scenario.gateway.logged(asLogged(message), 5_000, from)
}

/** A pattern of a message in a line of JSON. */
function asLogged({ source, flags }: RegExp): RegExp {
  return new RegExp(source.replaceAll('"', '\\\\"'), flags)
}
