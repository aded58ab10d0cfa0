import { buildNative, buildTypeScript, installDependencies } from './build.mjs'
import { checkMachine } from './requirements.mjs'
import { installSystemPackages } from './system-packages.mjs'

/** Everything between a fresh checkout and a program that runs. `purpose` is `gateway` or `tests`. */
export function prepare(purpose) {
  checkMachine()
  installSystemPackages(purpose)
  installDependencies()
  buildNative()
  buildTypeScript()
}
