import { readdirSync, readFileSync } from 'node:fs'
import { cpuSeconds } from '../process-usage.ts'

/** CPU seconds of a process and of those that it has started: openvpn's plugin asks RADIUS from processes of its own. */
export function treeCpuSeconds(pid: number): number {
  const children = childrenOf(pid)
  return children.reduce((sum, child) => sum + treeCpuSeconds(child), cpuSeconds(pid))
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(task => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  })
}
