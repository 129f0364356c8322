/** What configurations of `train` share that are only about files, signals or words: a task of two levels, and a network that trains in seconds. */

/** Binary products of one and two digits, and a network of so many numbers a position. */
export const tinyConfiguration = (width = 16) => ({
  seed: 1,
  task: { _tag: "Multiplication", radix: 2, levels: ["1x1", "2x1"] },
  model: {
    _tag: "Columns",
    words: { _tag: "Arithmetic", radix: 2, maxAttempts: 2, context: "markov", positions: 10 },
    transformer: { width, layers: 1, heads: 2 }
  }
})
