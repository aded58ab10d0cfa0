/** A moment in UTC, in the calendar. Months and days from 1. */
export interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
}

/** A length of time as ISO 8601 writes it; months and years have no fixed number of days. */
export interface Duration {
  readonly sign: 1 | -1
  readonly months: number
  readonly seconds: number
}

const DAY_SECONDS = 86_400

/** Days since 1970 of a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  )
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp + (mp < 10 ? 3 : -9)
  return {
    year: yoe + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
  }
}

/** Unix seconds, their fraction kept. */
export function unixSeconds({ year, month, day, hour, minute, second, millisecond }: Moment): number {
  return daysOf(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second + millisecond / 1_000
}

export function momentOf(seconds: number): Moment {
  const whole = Math.floor(seconds)
  const days = Math.floor(whole / DAY_SECONDS)
  const rest = whole - days * DAY_SECONDS
  return {
    ...dateOf(days),
    hour: Math.floor(rest / 3_600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    millisecond: Math.round((seconds - whole) * 1_000) % 1_000,
  }
}

/** `2026-11-22T12:00:00Z`, its parts after the date left out or not; or `20261122T120000Z`. */
export function parseMoment(text: string): Moment | undefined {
  const found =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?Z?)?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(numberOrZero)
  const millisecond = Math.floor(Number(`0.${found[7] ?? '0'}`) * 1_000)
  const moment = { year, month, day, hour, minute, second, millisecond }
  const { month: realMonth, day: realDay } = momentOf(unixSeconds(moment))
  const isReal = realMonth === month && realDay === day && hour < 24 && minute < 60 && second < 60
  return isReal ? moment : undefined
}

/** Zero for what was left out. */
function numberOrZero(text: string | undefined): number {
  return Number(text ?? 0)
}

/** `P1Y2M3DT4H5M6S`, `-PT1H`, `P2W`. */
export function parseDuration(text: string): Duration | undefined {
  const found =
    /^(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,8})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/.exec(
      text,
    )
  if (!found || /[PT]$/.test(text)) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(2)
    .map(numberOrZero)
  return {
    sign: found[1] === '-' ? -1 : 1,
    months: years * 12 + months,
    seconds: (weeks * 7 + days) * DAY_SECONDS + hours * 3_600 + minutes * 60 + seconds,
  }
}

/** A moment later or earlier; `undefined`: its year has not four digits. */
export function addDuration(moment: Moment, { sign, months, seconds }: Duration): Moment | undefined {
  const count = moment.year * 12 + (moment.month - 1) + sign * months
  const [year, month] = [Math.floor(count / 12), (((count % 12) + 12) % 12) + 1]
  const lastDay =
    daysOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - daysOf(year, month, 1)
  const day = Math.min(moment.day, lastDay)
  const later = momentOf(unixSeconds({ ...moment, year, month, day }) + sign * seconds)
  return later.year >= 1 && later.year <= 9_999 ? later : undefined
}

/** .NET's standard forms that are of use in templates. */
const STANDARD_FORMS: Readonly<Record<string, string>> = {
  d: 'M/d/yyyy',
  D: 'yyyy-MM-dd',
  s: 'yyyy-MM-ddTHH:mm:ss',
  u: 'yyyy-MM-dd HH:mm:ssZ',
  o: 'yyyy-MM-ddTHH:mm:ss.fffZ',
}

/** A moment in a form of .NET's: `yyyyMMddTHHmmssZ`, `d`, `u`. */
export function formatMoment(moment: Moment, form: string): string {
  const pattern = Object.hasOwn(STANDARD_FORMS, form) ? (STANDARD_FORMS[form] ?? form) : form
  return pattern.replace(/'[^']*'|yyyy|yy|MM|M|dd|d|HH|H|mm|m|ss|s|fff/g, token => tokenText(moment, token))
}

function tokenText(moment: Moment, token: string): string {
  if (token.startsWith("'")) return token.slice(1, -1)
  const two = (value: number): string => String(value).padStart(token.length, '0')
  switch (token[0]) {
    case 'y':
      return two(token.length === 2 ? moment.year % 100 : moment.year)
    case 'M':
      return two(moment.month)
    case 'd':
      return two(moment.day)
    case 'H':
      return two(moment.hour)
    case 'm':
      return two(moment.minute)
    case 's':
      return two(moment.second)
    default:
      return two(moment.millisecond)
  }
}
