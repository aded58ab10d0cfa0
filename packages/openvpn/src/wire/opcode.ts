/**
 * The 5-bit opcodes of OpenVPN packets. Key method 1's resets (1 and 2) have been dead since
 * OpenVPN 2.4 and are named only to be refused.
 */
export const OPCODES = {
  HARD_RESET_CLIENT_V1: 1,
  HARD_RESET_SERVER_V1: 2,
  SOFT_RESET_V1: 3,
  CONTROL_V1: 4,
  ACK_V1: 5,
  DATA_V1: 6,
  HARD_RESET_CLIENT_V2: 7,
  HARD_RESET_SERVER_V2: 8,
  DATA_V2: 9,
  HARD_RESET_CLIENT_V3: 10,
  CONTROL_WKC_V1: 11,
} as const

export type OpcodeName = keyof typeof OPCODES
export type Opcode = (typeof OPCODES)[OpcodeName]

/** Opcodes that the control channel carries. */
export type ControlOpcode = Exclude<Opcode, 1 | 2 | 6 | 9>

const CONTROL_OPCODES: ReadonlySet<number> = new Set<ControlOpcode>([
  OPCODES.SOFT_RESET_V1,
  OPCODES.CONTROL_V1,
  OPCODES.ACK_V1,
  OPCODES.HARD_RESET_CLIENT_V2,
  OPCODES.HARD_RESET_SERVER_V2,
  OPCODES.HARD_RESET_CLIENT_V3,
  OPCODES.CONTROL_WKC_V1,
])

/** Whether an opcode belongs to the control channel. */
export function isControlOpcode(opcode: number): opcode is ControlOpcode {
  return CONTROL_OPCODES.has(opcode)
}

/** Whether packets of this opcode carry a tls-crypt-v2 wrapped client key at their end. */
export function carriesWrappedKey(opcode: number): boolean {
  return opcode === OPCODES.HARD_RESET_CLIENT_V3 || opcode === OPCODES.CONTROL_WKC_V1
}

/** The opcode in a packet's first byte; 0, which no packet has, for an empty packet. */
export function peekOpcode(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) >> 3
}

/** Whether the packet belongs to the data channel, by its first byte. */
export function isDataPacket(bytes: Uint8Array): boolean {
  const opcode = peekOpcode(bytes)
  return opcode === OPCODES.DATA_V1 || opcode === OPCODES.DATA_V2
}
