import { type AddressInfo, createServer } from 'node:net'

/** A TCP port of 127.0.0.1 that nobody listens at, for a server that has to know its URL before it listens. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>(resolve => probe.close(() => resolve()))
  return port
}
