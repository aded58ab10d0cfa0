import { expect, it } from 'vitest'
import { hostBeside, listenAt } from './listen-host.ts'

const listener = (address: string) => ({ transport: 'tcp', address, port: 443 }) as const

it.each([
  [['192.0.2.1', '192.0.2.1'], '192.0.2.1'],
  [['192.0.2.1', '192.0.2.2'], undefined],
  [['0.0.0.0'], undefined],
  [[], undefined],
])('beside listeners on %j it is at %s', (addresses, host) => {
  expect(hostBeside(addresses.map(listener))).toBe(host)
})

/** An API that cannot listen on these hosts. */
function refusing(codes: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const listen = async ({ host, port }: { readonly host: string; readonly port: number }) => {
    asked.push(host)
    const code = codes[host]
    if (code !== undefined) throw Object.assign(new Error(code), { code })
    return port
  }
  return { asked, api: { listen } }
}

it('everywhere is both families, or IPv4 alone', async () => {
  const dual = refusing({})
  await listenAt(dual.api, undefined, 8_443)
  expect(dual.asked).toEqual(['::'])
  const single = refusing({ '::': 'EAFNOSUPPORT' })
  await listenAt(single.api, undefined, 8_443)
  expect(single.asked).toEqual(['::', '0.0.0.0'])
})

it.each([
  ['EADDRINUSE', undefined, 'TCP 8443: the port is taken; stop who has it, or give another with --api-port'],
  [
    'EADDRNOTAVAIL',
    '192.0.2.9',
    'TCP 192.0.2.9 port 8443: this machine has no such address; give one of its own',
  ],
  ['ENOTFOUND', 'nowhere', 'that is no address; give one of this machine with --api-host'],
  ['EACCES', undefined, 'EACCES; give another port'],
])('%s is told in one line, with what to do', async (code, host, line) => {
  const { api } = refusing({ [host ?? '::']: code })
  const told = listenAt(api, host, 8_443)
  await expect(told).rejects.toMatchObject({ name: 'CommandError', code: 'HostFailure' })
  await expect(told).rejects.toThrow(line)
})
