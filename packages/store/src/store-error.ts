/** Why the store could not do what it was asked. */
export type StoreErrorCode =
  /** Another process holds the directory. */
  | 'ERR_STORE_LOCKED'
  /** The disk refused; what was stored before is still there. */
  | 'ERR_STORE_WRITE'
  | 'ERR_STORE_READ'
  /** A file is not what the store wrote. */
  | 'ERR_STORE_CORRUPT'
  /** The key file is missing, malformed, or not the one that the secrets were sealed with. */
  | 'ERR_STORE_KEY'
  /** A key, name or value that cannot be stored: a defect of the caller. */
  | 'ERR_STORE_NAME'
  /** It was used after it was closed: a defect of the caller. */
  | 'ERR_STORE_CLOSED'

/** Thrown by the store; the message is one line that says what is wrong and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'StoreError'
    this.code = code
  }
}

/** The system's own words for an errno, for messages. */
export function describeSystemError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code !== undefined) return SYSTEM_WORDS[code] ?? code
  return error instanceof Error ? error.message : String(error)
}

/** The errno of a system error; `undefined` for anything else. */
export function errorNumber(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EIO: 'the disk reports an input/output error',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
  EMFILE: 'too many open files',
  EEXIST: 'it exists already',
}
