import * as Inspectable from "effect/Inspectable"

/**
 * A value with a secret pair in it (a PIN's id together with the client identifier) shows all of itself but the field
 * named to `console.log`, `JSON.stringify` and templates.
 */
export const hideInPrint = (prototype: object, field: string): void => {
  const shown = (self: object) => ({ ...self, [field]: "<redacted>" })
  Object.defineProperties(prototype, {
    toJSON: {
      value(this: object) {
        return shown(this)
      }
    },
    toString: {
      value(this: object) {
        return `${this.constructor.name}(${JSON.stringify(shown(this))})`
      }
    },
    [Inspectable.NodeInspectSymbol]: {
      value(this: object) {
        return shown(this)
      }
    }
  })
}
