/** Where whoever has the key writes it: no script holds one. */
export const KEY_PLACEHOLDER = 'REPLACE_WITH_THE_PRE_SHARED_KEY'
/** Where the gateway has no certificate yet, or one whose subject means something in a configuration file. */
export const SUBJECT_UNKNOWN = 'REPLACE_WITH_THE_SUBJECT_OF_THE_GATEWAY'
/** Where the installation does not know its own address. */
export const GATEWAY_UNKNOWN = 'REPLACE_WITH_THE_ADDRESS_OF_THE_GATEWAY'
export const DEVICE_UNKNOWN = 'REPLACE_WITH_THE_ADDRESS_OF_THIS_DEVICE'
