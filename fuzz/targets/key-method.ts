import {
  type KeyMethodMessage,
  type KeyMethodProgress,
  KeyMethodReader,
  writeKeyMethodMessage,
} from '@causeway/openvpn'
import { type FuzzTarget, requireSame } from '../target.ts'

const random1 = new Uint8Array(32).fill(1)
const random2 = new Uint8Array(32).fill(2)
const preMaster = new Uint8Array(48).fill(3)

const MESSAGES: readonly KeyMethodMessage[] = [
  { keySource: { preMaster, random1, random2 }, options: 'V4,dev-type tun,tls-client' },
  {
    keySource: { preMaster, random1, random2 },
    options: 'V4,dev-type tun,cipher AES-256-GCM',
    username: 'anna',
    password: 'secret',
    peerInfo: 'IV_VER=2.6.14\nIV_PROTO=990\n',
  },
  { keySource: { random1, random2 }, options: 'V4,dev-type tun,tls-server' },
]

function readAll(sender: 'client' | 'server', input: Uint8Array, chunkBytes: number): KeyMethodProgress {
  const reader = new KeyMethodReader(sender)
  let progress: KeyMethodProgress = { type: 'incomplete' }
  for (let at = 0; at < input.length && progress.type === 'incomplete'; at += chunkBytes)
    progress = reader.push(input.subarray(at, at + chunkBytes))
  return progress
}

/** A message that was read, written and read again stays the same; any chunks are survived. */
function keyMethodTarget(sender: 'client' | 'server'): FuzzTarget {
  return {
    name: `key-method-${sender}`,
    seeds: () =>
      MESSAGES.filter(message => (message.keySource.preMaster !== undefined) === (sender === 'client')).map(
        writeKeyMethodMessage,
      ),
    run: input => {
      readAll(sender, input, 1 + ((input[10] ?? 0) % 64))
      const whole = readAll(sender, input, input.length + 1)
      if (whole.type !== 'message') return
      const again = readAll(sender, writeKeyMethodMessage(whole.message), input.length + 65_536)
      requireSame(
        again.type === 'message' ? again.message : again,
        whole.message,
        'a message written and read again',
      )
    },
  }
}

export const keyMethods: readonly FuzzTarget[] = [keyMethodTarget('client'), keyMethodTarget('server')]
