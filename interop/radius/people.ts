import type { RadiusUser } from '../harness/freeradius-users.ts'

/** What gateway and servers both know. Spaces and quotes are for whoever writes configurations. */
export const SECRET = 'a secret, of words'
export const SECRET_BYTES: Uint8Array = new TextEncoder().encode(SECRET)

/** How the servers' directory calls Alice, whatever she types. */
export const ALICE = 'alice@corp.example'
export const ALICE_PASSWORD = 'correct horse: battery "staple"'
export const SALES_GROUP = '0x6ad1bd08'
export const BOB_PASSWORD = 'first'
export const BOB_CODE = '246810'
export const BOB_PROMPT = 'Code from your token:'

/** Her sessions are short. */
export const DORA_PASSWORD = 'two seconds'
/** His end when nothing happens. */
export const EMIL_PASSWORD = 'two idle seconds'

/** Her addresses are always the same. With pools of both families they are at the same place in both. */
export const FRIDA_PASSWORD = 'the same address'
export const FRIDA_ADDRESS = '172.16.1.99'
export const FRIDA_ADDRESS6 = 'fd99::163'

export const PEOPLE: readonly RadiusUser[] = [
  {
    name: 'alice',
    password: ALICE_PASSWORD,
    reply: {
      'User-Name': ALICE,
      Class: ['0x636c6173732d31', '0x00ff'],
      'Session-Timeout': '3600',
      'Idle-Timeout': '900',
      'Acct-Interim-Interval': '60',
      'Filter-Id': 'staff',
      'MS-Azure-Policy-ID': SALES_GROUP,
    },
  },
  {
    name: 'bob',
    password: BOB_PASSWORD,
    secondFactor: { prompt: BOB_PROMPT, code: BOB_CODE },
    reply: { 'Framed-IP-Address': '172.16.1.77' },
  },
  { name: 'dora', password: DORA_PASSWORD, reply: { 'Session-Timeout': '2' } },
  { name: 'emil', password: EMIL_PASSWORD, reply: { 'Idle-Timeout': '2' } },
  {
    name: 'frida',
    password: FRIDA_PASSWORD,
    reply: {
      'Framed-IP-Address': FRIDA_ADDRESS,
      'Framed-IPv6-Prefix': `${FRIDA_ADDRESS6}/128`,
      'Framed-Route': '192.168.77.0/24 0.0.0.0 1',
    },
  },
  /** Of a certificate alone. */
  { name: 'carol', reply: { 'User-Name': 'carol@corp.example' } },
]
