/**
 * A network whose passes are looked at. Attention, the cache and the loss read rows by their number: what a network gives them in other shapes would
 * be other tokens' numbers, and no error.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import { ConfigError } from "../../domain/Errors.ts"
import type { Architecture, Pass, TokenInputs } from "./Architecture.ts"

const shapeOf = (value: unknown): string => {
  const { shape } = (value ?? {}) as { readonly shape?: ReadonlyArray<number> }
  return Array.isArray(shape) ? `[${shape.join(", ")}]` : value === null ? "null" : typeof value
}

const refuse = (part: string, value: string, expected: string): never => {
  throw new ConfigError({ field: `architecture.${part}`, value, expected })
}

const assertRows = (part: string, x: unknown, rows: number, what: string): void => {
  const { shape } = (x ?? {}) as { readonly shape?: ReadonlyArray<number> }
  if (shape?.length !== 2 || shape[0] !== rows) refuse(part, `given ${shapeOf(x)}`, `${rows} rows, ${what}`)
}

/** A pass that checks what it is given, and the number of rows that a result of it must have. */
const watched = (
  { heads, keyHeads = heads, layers, width }: Architecture["cache"],
  { tokens: { size: count } }: TokenInputs,
  pass: Pass
) => {
  const columns = (heads + 2 * keyHeads) * (width / heads)
  const attended = new Set<number>()
  let [selected, spread]: Array<number | undefined> = []
  const checked: Pass = {
    attend: (qkv, block) => {
      if (!Number.isInteger(block) || block < 0 || block >= layers) {
        refuse("logits", `attention of block ${block}`, `blocks 0 to ${layers - 1}: cache.layers is ${layers}`)
      }
      // Scores would not notice, but the cache keeps one block's keys a number.
      if (attended.has(block)) refuse("logits", `attention of block ${block} twice in a pass`, "one number for each call of attend")
      attended.add(block)
      assertRows("attend", qkv, count, "one for each token")
      if (qkv.shape[1] !== columns) {
        refuse("attend", `given ${shapeOf(qkv)}`, `${columns} columns: the queries of ${heads} heads, then keys and values of ${keyHeads}`)
      }
      return pass.attend(qkv, block)
    },
    select: (x) => {
      assertRows("select", x, count, "one for each token")
      const picked = pass.select(x)
      selected = picked.shape[0]
      return picked
    },
    ...(pass.spread === undefined ? {} : {
      spread: (x) => {
        if (selected === undefined) refuse("spread", "called", "select before it")
        assertRows("spread", x, selected!, "those that select gave")
        const laid = pass.spread!(x)
        spread = laid.shape[0]
        return laid
      }
    })
  }
  return {
    pass: checked,
    rows: (): number => spread ?? selected ?? refuse("logits", "made of all tokens", "those that select gives alone")
  }
}

/**
 * The same network, whose passes throw ConfigError where attention is not given [N, (heads + 2·keyHeads)·headWidth] and a block's number once, where
 * `select` and `spread` are not given the rows that they pick from, where logits are not [M, vocabulary] or as `spread` laid them out, and where
 * `initialize` does not give a finite number for every weight.
 */
export const checked = (architecture: Architecture, vocabulary: number): Architecture => {
  const { cache, initialize, layout, logits, states } = architecture
  const assertResult = (part: string, result: Tensor2D, rows: number): void => {
    assertRows(part, result, rows, "one for each token that a choice is made after")
  }
  return {
    ...architecture,
    initialize: (seed) => {
      const made: unknown = initialize(seed)
      if (!(made instanceof Float32Array)) return refuse("initialize", shapeOf(made), "a function that makes a Float32Array")
      if (made.length !== layout.count) {
        refuse("initialize", `a function that makes ${made.length} numbers`, `the ${layout.count} of the layout`)
      }
      const broken = made.findIndex((value) => !Number.isFinite(value))
      if (broken >= 0) refuse("initialize", `a function that makes ${made[broken]} of number ${broken}`, "finite numbers")
      return made
    },
    logits: (tf, ops, weights, inputs, given) => {
      const { pass, rows } = watched(cache, inputs, given)
      const result = logits(tf, ops, weights, inputs, pass)
      assertResult("logits", result, rows())
      if (result.shape[1] !== vocabulary) {
        refuse("logits", `given ${shapeOf(result)}`, `${vocabulary} columns, one for each token of the vocabulary`)
      }
      return result
    },
    ...(states === undefined ? {} : {
      states: (tf, ops, weights, inputs, given) => {
        const { pass, rows } = watched(cache, inputs, given)
        const result = states(tf, ops, weights, inputs, pass)
        assertResult("states", result, rows())
        return result
      }
    })
  }
}
