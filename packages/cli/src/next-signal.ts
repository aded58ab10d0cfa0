const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** The next signal that asks the program to end. A second one then ends it at once, as usual. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    const take = (signal: NodeJS.Signals): void => {
      for (const name of SIGNALS) process.removeListener(name, take)
      resolve(signal)
    }
    for (const name of SIGNALS) process.on(name, take)
  })
}
