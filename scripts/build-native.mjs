import { buildNative } from './setup/build.mjs'

buildNative()
