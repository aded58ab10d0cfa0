/** A promise and what settles it. */
export class Settlement<Value> {
  resolve: (value: Value) => void = () => undefined
  reject: (reason: unknown) => void = () => undefined
  readonly promise: Promise<Value> = new Promise<Value>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
