export * from './command.ts'
export * from './data-channel.ts'
export * from './output.ts'
export * from './path.ts'
export * from './push-options.ts'
export * from './session-event.ts'
export {
  createTlsCryptV2ClientKey,
  createTlsCryptV2ServerKey,
  formatTlsCryptV2ClientKey,
} from './wrap/client-key.ts'
export { formatStaticKey, STATIC_KEY_BYTES } from './wrap/static-key.ts'
