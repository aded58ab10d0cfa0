import Type, { type TObject, type TOptional, type TProperties, type TSchema, type TString } from 'typebox'

/**
 * What our schemas say beyond JSON Schema. Validation does not look at it; the functions of
 * `document-shape.ts` and the OpenAPI document do.
 */
export interface ShapeNotes {
  /** Name of the model, as ARM's SDKs have it: one definition of its own in the OpenAPI document. */
  readonly title?: string
  /** The server fills it in; what a body says of it is not looked at. */
  readonly readOnly?: boolean
  /** A secret: taken, and never answered. */
  readonly writeOnly?: boolean
  /** A secret that is answered, to whoever has the right to it: no message repeats it. */
  readonly secret?: boolean
  /** The sibling that an omitted secret belongs to: the former one is kept only while this stays as it was. */
  readonly boundTo?: string
  /** The names that a text may have, in any case; ARM answers them as they are spelled here. */
  readonly names?: readonly string[]
  /** Only `id` counts; clients send whole objects. */
  readonly reference?: boolean
  /** First api-version that has the property: who speaks an older one cannot have meant to remove it. */
  readonly since?: string
  /** The property by which entries of a list are the same from one body to the next; else `name`. */
  readonly key?: string
}

/** Ours: longer texts than any document that could be accepted has. */
const TEXT_LIMIT = 2_048
/** Longest base64 or PEM of a certificate: one with 16 KB of key material is a mistake. */
const CERTIFICATE_LIMIT = 32_768
/** Ours: more entries than any list that could be accepted has, so that its own limit is what is reported. */
const LIST_LIMIT = 1_000

export const text: TString = Type.String({ maxLength: TEXT_LIMIT })
/** Name of a nested entry of a resource. */
export const entryName: TString = Type.String({ minLength: 1, maxLength: 80 })
export const certificateText: TString = Type.String({ minLength: 1, maxLength: CERTIFICATE_LIMIT })
export const flag = Type.Boolean()
export const integer = Type.Integer()
export const dateTime: TString = Type.String({ format: 'date-time', maxLength: 64 })

/** A text that ARM has names for. */
export function named(names: readonly string[]): TString {
  return Type.String({ maxLength: 256, names })
}

/** A list, of as many entries as we read unless told otherwise. */
export function list<Item extends TSchema>(item: Item, notes: ShapeNotes & { maxItems?: number } = {}) {
  return Type.Array(item, { maxItems: LIST_LIMIT, ...notes })
}

/** The same schema, with notes. */
export function noted<Schema extends TSchema>(schema: Schema, notes: ShapeNotes): Schema {
  return Type.With(schema, { ...notes }) as Schema
}

export function readOnly<Schema extends TSchema>(schema: Schema): Schema {
  return noted(schema, { readOnly: true })
}

/** A property that appeared with this api-version. */
export function since<Schema extends TSchema>(version: string, schema: Schema): Schema {
  return noted(schema, { since: version })
}

type Joined<Required extends TProperties, Optional extends TProperties> = {
  [Key in keyof Required | keyof Optional]: Key extends keyof Required
    ? Required[Key]
    : Key extends keyof Optional
      ? TOptional<Optional[Key]>
      : never
}

/** An object of ARM's: a few properties that must be there, and many that may. Others are let through. */
export function model<Required extends TProperties, Optional extends TProperties>(
  title: string,
  required: Required,
  optional: Optional,
): TObject<Joined<Required, Optional>> {
  const loose = Object.entries(optional).map(([name, schema]) => [name, Type.Optional(schema)])
  return Type.Object({ ...required, ...Object.fromEntries(loose) }, { title }) as never
}
