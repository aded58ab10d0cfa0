import type { Ground } from '../ground.ts'
import { measureTunnel, type Traffic, untunneledLatency } from '../traffic.ts'
import type { Contender, Transport } from './contender.ts'
import { openTunnel } from './tunnel.ts'

export async function measureTraffic(
  ground: Ground,
  server: Contender,
  client: Contender['name'],
  transport: Transport,
  seconds: number,
): Promise<Traffic> {
  const direct = await untunneledLatency(ground)
  const running = await server.start(transport)
  try {
    const tunnel = await openTunnel(ground, client, running.profile)
    const traffic = await measureTunnel(ground, running.pid, tunnel.device, direct, seconds)
    await tunnel.stop()
    return traffic
  } finally {
    await running.stop()
  }
}
