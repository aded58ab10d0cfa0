import type { EapTlsReport } from './tls/tls-report.ts'

/** What the outside tells a conversation of either role. */
export type EapCommand<Reply> =
  /** What `tls-start`, `tls-input` or `tls-write` brought. Ignored when the conversation is over. */
  | { readonly type: 'tls-report'; readonly report: EapTlsReport }
  /** Answers the request with this id; another id does nothing. */
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  /** The lower layer gives up: its deadline has passed, or its session is gone. Nothing more is sent. */
  | { readonly type: 'abandon'; readonly reason: string }
