import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { addDuration, formatMoment, momentOf, parseDuration, parseMoment, unixSeconds } from './calendar.ts'
import { type FunctionTable, takes } from './template-function.ts'

/** Functions of time. */
export const DATE_FUNCTIONS: FunctionTable = {
  utcNow: takes(0, 1, utcNow),
  dateTimeAdd: takes(2, 3, dateTimeAdd),
  dateTimeToEpoch: takes(1, 1, args => Math.floor(unixSeconds(momentAt(args, 0)))),
  dateTimeFromEpoch: takes(1, 1, args => formatMoment(momentOf(secondsAt(args)), LONG_FORM)),
}

const SHORT_FORM = 'yyyyMMddTHHmmssZ'
const LONG_FORM = 'yyyy-MM-ddTHH:mm:ssZ'
/** The end of the year 9999, the last one that has four digits. */
const LAST_SECOND = 253_402_300_799

function utcNow(args: Arguments, { context, isDefault, budget }: Scope): Value {
  if (!isDefault) throw args.fault('outside of a default', 'use it in the default of a parameter')
  const form = args.optionalText(0) ?? SHORT_FORM
  budget.text(form.length * 4)
  return formatMoment(momentOf(context.now), form)
}

/** Written as its base is, unless a form is given. */
function dateTimeAdd(args: Arguments, { budget }: Scope): Value {
  const duration = parseDuration(args.text(1))
  if (!duration) throw args.wrong(1, 'a duration of ISO 8601, as P1DT2H')
  const later = addDuration(momentAt(args, 0), duration)
  if (!later) throw args.fault('beyond the years 1 to 9999', 'add less')
  const form = args.optionalText(2) ?? (args.text(0).includes('-') ? LONG_FORM : SHORT_FORM)
  budget.text(form.length * 4)
  return formatMoment(later, form)
}

function momentAt(args: Arguments, at: number): ReturnType<typeof momentOf> {
  const moment = parseMoment(args.text(at))
  if (!moment) throw args.wrong(at, 'a time of ISO 8601, as 2026-11-22T12:00:00Z')
  return moment
}

function secondsAt(args: Arguments): number {
  const seconds = args.integer(0)
  if (seconds < 0 || seconds > LAST_SECOND) throw args.wrong(0, 'seconds since 1970, up to the year 9999')
  return seconds
}
