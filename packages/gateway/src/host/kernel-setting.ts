import { readFile, writeFile } from 'node:fs/promises'

/** A setting under /proc/sys, by its path there. */
export type KernelSetting = 'net/ipv4/ip_forward' | 'net/ipv6/conf/all/forwarding' | ReversePathFilter

/** 0: off; 1: a packet is dropped unless its source is reached through the device it came by; 2: by any device. */
export type ReversePathFilter = `net/ipv4/conf/${string}/rp_filter`

/** Reads and writes kernel settings. Errors: the system's. */
export interface KernelSettings {
  read(setting: KernelSetting): Promise<string>
  write(setting: KernelSetting, value: string): Promise<void>
}

export const kernelSettings: KernelSettings = {
  read: async setting => (await readFile(`/proc/sys/${setting}`, 'utf8')).trim(),
  write: (setting, value) => writeFile(`/proc/sys/${setting}`, `${value}\n`),
}
