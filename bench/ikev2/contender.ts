import type { Access } from '../load/access.ts'

/** A responder that runs, by its process and what a client needs to reach it. */
export interface Responder {
  readonly pid: number
  readonly access: Access
  stop(): Promise<void>
}

export interface StartOptions {
  /** Ask initiators for cookies under load; off where many sessions come from one address. */
  readonly cookies: boolean
}

/** A client's side of a tunnel that is up. */
export interface Tunnel {
  readonly device: string
  stop(): Promise<void>
}

/** A program that takes part in the comparison, in both roles. */
export interface Contender {
  readonly name: 'causeway' | 'strongswan'
  start(options: StartOptions): Promise<Responder>
  /** Connects with the program's own client. */
  openTunnel(responder: Responder): Promise<Tunnel>
}

/** Inner addresses: room for every session of the crowd. */
export const POOL = '10.8.0.0/16'
