import type { EapTlsReport } from './tls/tls-report.ts'

/** What the outside tells a conversation of either role. Its byte arrays go over to the conversation. */
export type EapCommand<Reply> =
  /** What `tls-start`, `tls-input` or `tls-write` brought. Ignored when the conversation is over. */
  | { readonly type: 'tls-report'; readonly report: EapTlsReport }
  /** Answers the request with this id; another id does nothing. Errors: one that does not fit is not taken. */
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  /** The lower layer gives up: its deadline has passed, or its session is gone. Nothing more is sent. */
  | { readonly type: 'abandon'; readonly reason: string }
