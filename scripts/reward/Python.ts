/**
 * Python of JavaScript, for the subset that the reading and grading of answers is written in: pure functions of texts, with closures, regular expressions,
 * maps, sets and whole numbers of any length. What is outside the subset is an error here, not a surprise there. The words of Runtime.py stand for
 * what JavaScript has and Python lacks; texts are sequences of UTF-16 units in both.
 *
 * @module
 */

/** A node of a syntax tree (ESTree). */
// oxlint-disable-next-line typescript/no-explicit-any -- A tree of another program's making, walked by its types' names.
export type Syntax = { readonly type: string; readonly start: number; readonly [field: string]: any }

/** What is written by hand in place of the compiled function of that name. */
export type Overrides = Readonly<Record<string, string>>

class Unsupported extends Error {}

interface Scope {
  readonly names: Map<string, Binding>
  readonly parent: Scope | undefined
  readonly fn: Fn
}

interface Fn {
  readonly parent: Fn | undefined
  readonly declared: Array<Binding>
  /** Bindings of functions around it that it, or a function in it, uses. */
  readonly used: Set<Binding>
  /** Of those the ones that it assigns to itself. */
  readonly assigned: Set<Binding>
}

interface Binding {
  readonly name: string
  readonly fn: Fn
  written: string
  /** Of a function: how few arguments it is called with; undefined where it is passed on as a value. */
  least: number | undefined
  isValue: boolean
}

const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or " +
    "pass raise return try while with yield match len ord str int float list dict bytearray bool type range enumerate isinstance set map filter min max abs " +
    "any all next iter print object property super reversed sorted tuple slice hash re math").split(" ")
)

/** A name as Python may have it. */
const python = (name: string): string => {
  const plain = name.replace(/^#/, "_").replaceAll("$", "_s")
  return KEYWORDS.has(plain) ? `${plain}_` : plain
}

/** A text as a literal of UTF-16 units. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const FUNCTIONS = new Set(["ArrowFunctionExpression", "FunctionExpression", "FunctionDeclaration"])
const isFunction = (node: Syntax): boolean => FUNCTIONS.has(node.type)
const isNothing = (node: Syntax): boolean =>
  (node.type === "UnaryExpression" && node.operator === "void") ||
  (node.type === "Literal" && node.value === null && node.regex === undefined &&
    node.bigint === undefined) ||
  (node.type === "Identifier" && node.name === "undefined")

const CALLBACKS = new Set(["map", "filter", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "reduce"])
/** Methods that Python's own values lack, by the name of their word in Runtime.py. */
const METHODS = new Set(
  ("push pop unshift charCodeAt startsWith endsWith indexOf lastIndexOf includes join split replace replaceAll matchAll match search trim padStart " +
    "padEnd normalize entries keys values has set get add clear flat toSorted toReversed sort toString toLowerCase toUpperCase").split(" ")
)

/** Compiles a module to Python. `sections` says which source file a place is of. */
export const pythonOf = (
  program: Syntax,
  source: string,
  { overrides, sectionAt, isBig }: {
    readonly overrides: Overrides
    readonly sectionAt: (at: number) => string
    /** Whether the division at a place is of whole numbers of any length. */
    readonly isBig: (at: number) => boolean
  }
): string => {
  const module: Fn = { parent: undefined, declared: [], used: new Set(), assigned: new Set() }
  const scopes = new Map<Syntax, Scope>()
  const functions = new Map<Syntax, Fn>()
  const resolved = new Map<Syntax, Binding>()

  const fail = (node: Syntax, why: string): never => {
    throw new Unsupported(`${sectionAt(node.start)}: ${why}: ${source.slice(node.start, node.start + 80)}`)
  }

  // First pass: which name is which.
  const makeScope = (node: Syntax, parent: Scope | undefined, fn: Fn): Scope => {
    const scope: Scope = { names: new Map(), parent, fn }
    scopes.set(node, scope)
    return scope
  }
  const declare = (name: string, scope: Scope): void => {
    if (scope.names.has(name)) return
    const binding: Binding = { name, fn: scope.fn, written: "", least: Infinity, isValue: false }
    scope.names.set(name, binding)
    scope.fn.declared.push(binding)
  }
  const namesOf = (pattern: Syntax | null): ReadonlyArray<string> => {
    if (pattern === null) return []
    switch (pattern.type) {
      case "Identifier":
        return [pattern.name]
      case "ObjectPattern":
        return pattern.properties.flatMap((property: Syntax) =>
          namesOf(property.type === "RestElement" ? property.argument : property.value)
        )
      case "ArrayPattern":
        return pattern.elements.flatMap((element: Syntax | null) => namesOf(element))
      case "AssignmentPattern":
        return namesOf(pattern.left)
      case "RestElement":
        return namesOf(pattern.argument)
      default:
        return fail(pattern, "pattern")
    }
  }
  const declareAll = (statements: ReadonlyArray<Syntax>, scope: Scope): void => {
    for (const statement of statements) {
      if (statement.type === "VariableDeclaration") {
        for (const { id } of statement.declarations) for (const name of namesOf(id)) declare(name, scope)
      } else if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") declare(statement.id.name, scope)
    }
  }
  const find = (name: string, scope: Scope | undefined): Binding | undefined =>
    scope === undefined ? undefined : scope.names.get(name) ?? find(name, scope.parent)
  const use = (node: Syntax, scope: Scope, isAssigned: boolean): Binding | undefined => {
    const binding = find(node.name, scope)
    if (binding === undefined) return undefined
    resolved.set(node, binding)
    for (let fn: Fn | undefined = scope.fn; fn !== undefined && fn !== binding.fn; fn = fn.parent) fn.used.add(binding)
    if (isAssigned && scope.fn !== binding.fn) scope.fn.assigned.add(binding)
    return binding
  }
  const children = (node: Syntax): ReadonlyArray<Syntax> =>
    Object.entries(node).flatMap(([key, value]) =>
      key === "type" || value === null || typeof value !== "object" ? [] : Array.isArray(value) ?
        value.filter((each) => each?.type !== undefined) :
        value.type === undefined
        ? []
        : [value as Syntax]
    )
  const targets = (pattern: Syntax | null, scope: Scope): void => {
    if (pattern === null) return
    if (pattern.type === "Identifier") use(pattern, scope, true)
    else if (pattern.type === "ArrayPattern") { for (const element of pattern.elements) targets(element, scope) }
    else if (pattern.type === "MemberExpression") walk(pattern, scope)
    else fail(pattern, "target")
  }
  const bindings = (pattern: Syntax | null, scope: Scope): void => {
    if (pattern === null) return
    if (pattern.type === "Identifier") use(pattern, scope, false)
    else if (pattern.type === "ObjectPattern") {
      for (const property of pattern.properties) bindings(property.type === "RestElement" ? property.argument : property.value, scope)
    } else if (pattern.type === "ArrayPattern") { for (const element of pattern.elements) bindings(element, scope) }
    else if (pattern.type === "AssignmentPattern") {
      bindings(pattern.left, scope)
      walk(pattern.right, scope)
    } else if (pattern.type === "RestElement") bindings(pattern.argument, scope)
  }
  const walkFunction = (node: Syntax, scope: Scope): void => {
    const fn: Fn = { parent: scope.fn, declared: [], used: new Set(), assigned: new Set() }
    functions.set(node, fn)
    const inner = makeScope(node, scope, fn)
    for (const param of node.params) for (const name of namesOf(param)) declare(name, inner)
    for (const param of node.params) bindings(param, inner)
    if (node.body.type === "BlockStatement") {
      declareAll(node.body.body, inner)
      for (const statement of node.body.body) walk(statement, inner)
    } else walk(node.body, inner)
  }
  function walk(node: Syntax, scope: Scope): void {
    if (isFunction(node)) {
      if (node.type === "FunctionDeclaration") use(node.id, scope, false)
      return walkFunction(node, scope)
    }
    switch (node.type) {
      case "Identifier": {
        const binding = use(node, scope, false)
        if (binding !== undefined) binding.isValue = true
        return
      }
      case "CallExpression": {
        if (node.callee.type === "Identifier") {
          const binding = use(node.callee, scope, false)
          const count = node.arguments.some((each: Syntax) => each.type === "SpreadElement") ? 0 : node.arguments.length
          if (binding !== undefined) binding.least = Math.min(binding.least ?? 0, count)
        } else walk(node.callee, scope)
        for (const argument of node.arguments) walk(argument, scope)
        return
      }
      case "BlockStatement": {
        const inner = makeScope(node, scope, scope.fn)
        declareAll(node.body, inner)
        for (const statement of node.body) walk(statement, inner)
        return
      }
      case "ForStatement":
      case "ForOfStatement": {
        const inner = makeScope(node, scope, scope.fn)
        const head = node.type === "ForStatement" ? node.init : node.left
        if (head?.type === "VariableDeclaration") declareAll([head], inner)
        for (const child of children(node)) walk(child, inner)
        return
      }
      case "SwitchStatement": {
        walk(node.discriminant, scope)
        const inner = makeScope(node, scope, scope.fn)
        for (const each of node.cases) declareAll(each.consequent, inner)
        for (const each of node.cases) {
          if (each.test !== null) walk(each.test, inner)
          for (const statement of each.consequent) walk(statement, inner)
        }
        return
      }
      case "CatchClause": {
        const inner = makeScope(node, scope, scope.fn)
        if (node.param != null) {
          for (const name of namesOf(node.param)) declare(name, inner)
          bindings(node.param, inner)
        }
        walk(node.body, inner)
        return
      }
      case "VariableDeclarator":
        bindings(node.id, scope)
        if (node.init !== null) walk(node.init, scope)
        return
      case "AssignmentExpression":
        targets(node.left, scope)
        walk(node.right, scope)
        return
      case "UpdateExpression":
        targets(node.argument, scope)
        return
      case "MemberExpression":
        walk(node.object, scope)
        if (node.computed) walk(node.property, scope)
        return
      case "Property":
        if (node.computed) walk(node.key, scope)
        walk(node.value, scope)
        return
      case "ClassBody":
        for (const member of node.body) if (member.value !== null) walk(member.value, scope)
        return
      case "ExportNamedDeclaration":
        return
      default:
        for (const child of children(node)) walk(child, scope)
    }
  }
  const top = makeScope(program, undefined, module)
  declareAll(program.body, top)
  for (const statement of program.body) walk(statement, top)

  // Names: in one function of Python no two bindings, its own or of around it, may be called the same.
  const giveNames = (fn: Fn): void => {
    const taken = new Set([...fn.used].map(({ written }) => written))
    for (const binding of fn.declared) {
      let written = python(binding.name)
      for (let k = 2; taken.has(written); k++) written = `${python(binding.name)}_${k}`
      binding.written = written
      taken.add(written)
    }
  }
  giveNames(module)
  for (const fn of functions.values()) giveNames(fn)

  // Second pass: writing.
  let lines: Array<string> = []
  let indent = 0
  let temps = 0
  let made = 0
  const constants: Array<string> = []
  const known = new Map<string, string>()
  const line = (text: string): void => {
    lines.push(`${"    ".repeat(indent)}${text}`)
  }
  const temp = (): string => `_t${++temps}`
  const block = (write: () => void): void => {
    indent++
    const before = lines.length
    write()
    if (lines.length === before) line("pass")
    indent--
  }

  const nameOf = (node: Syntax): string => resolved.get(node)?.written ?? python(node.name)

  const constantOf = (expression: string): string => {
    const before = known.get(expression)
    if (before !== undefined) return before
    const name = `_R${known.size + 1}`
    constants.push(`${name} = ${expression}`)
    known.set(expression, name)
    return name
  }

  const GLOBALS: Readonly<Record<string, string>> = {
    undefined: "None",
    NaN: "_NAN",
    Infinity: "_INF",
    String: "_str",
    Number: "_number",
    BigInt: "_big",
    parseInt: "_parse_int"
  }
  const STATICS: Readonly<Record<string, string>> = {
    "Math.min": "min",
    "Math.max": "max",
    "Math.abs": "abs",
    "Math.ceil": "_ceil",
    "Math.floor": "_floor",
    "Math.PI": "math.pi",
    "Math.E": "math.e",
    "Math.LN10": "_LN10",
    "Math.imul": "_imul",
    "Number.NaN": "_NAN",
    "Number.isNaN": "_is_nan",
    "Number.isInteger": "_is_integer",
    "Number.isFinite": "_is_finite",
    "Number.isSafeInteger": "_is_safe_integer",
    "String.fromCharCode": "chr",
    "String.raw": "_raw",
    "JSON.stringify": "_json",
    "Object.hasOwn": "_has_own",
    "Array.from": "_array_from",
    "Uint8Array.from": "_array_from",
    "Uint16Array.from": "_array_from"
  }
  const staticOf = (node: Syntax): string | undefined => {
    if (node.type !== "MemberExpression" || node.computed || node.object.type !== "Identifier" || resolved.has(node.object)) {
      return undefined
    }
    const path = `${node.object.name}.${node.property.name}`
    return STATICS[path] ?? (node.object.name === "Math" ? `_math("${node.property.name}")` : fail(node, "global"))
  }

  const isText = (node: Syntax): boolean =>
    node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string") ||
    (node.type === "BinaryExpression" && node.operator === "+" && (isText(node.left) || isText(node.right)))

  /** The member of an object, where neither is absent. */
  const member = (object: string, node: Syntax): string => {
    if (node.computed) {
      const { property } = node
      const at = expression(property)
      return property.type === "Literal" && typeof property.value === "string" ? `${object}[${at}]` : `_at(${object}, ${at})`
    }
    const name = node.property.name
    if (node.object.type === "ThisExpression") return `${object}.${python(node.property.type === "PrivateIdentifier" ? `#${name}` : name)}`
    if (name === "length" || name === "size") return `len(${object})`
    if (name === "lastIndex") return `${object}.lastIndex`
    return `${object}[${quoted(name)}]`
  }

  const argumentsOf = (nodes: ReadonlyArray<Syntax>): string =>
    nodes.map((each) => (each.type === "SpreadElement" ? `*${expression(each.argument)}` : expression(each))).join(", ")

  const parameters = (node: Syntax): number => node.params.filter((each: Syntax) => each.type !== "RestElement").length

  const method = (object: string, name: string, node: Syntax): string => {
    const { arguments: given, callee } = node
    if (callee.object.type === "ThisExpression") return `${object}.${python(name)}(${argumentsOf(given)})`
    if (CALLBACKS.has(name)) {
      const [callback, ...rest] = given as ReadonlyArray<Syntax>
      if (callback === undefined) return fail(node, "callback")
      const count = isFunction(callback) ? parameters(callback) : name === "reduce" ? 2 : 1
      const isPlain = isFunction(callback) && count === 1 && callback.params[0].type === "Identifier" &&
        callback.body.type !== "BlockStatement" &&
        !object.includes(":=") && functions.get(callback)!.assigned.size === 0
      if (isPlain && name !== "findLast" && name !== "findLastIndex" && name !== "findIndex" && name !== "reduce") {
        const each = nameOf(callback.params[0])
        const before = lines.length
        const body = expression(callback.body)
        if (lines.length === before && !/\blambda\b/.test(body) && !body.includes(":=")) {
          const over = `for ${each} in ${object}`
          switch (name) {
            case "map":
              return `[${body} ${over}]`
            case "filter":
              return `[${each} ${over} if ${body}]`
            case "some":
              return `any(${body} ${over})`
            case "every":
              return `all(${body} ${over})`
            case "find":
              return `next((${each} ${over} if ${body}), None)`
            default:
          }
        }
        lines.length = before
      }
      const called = count > (name === "reduce" ? 2 : 1) ? `_${name}_i` : `_${name}`
      return `${called}(${[object, functionValue(callback), ...rest.map(expression)].join(", ")})`
    }
    if (name === "slice") {
      const [from, to] = given.map(expression)
      return `${object}[${from ?? ""}:${to ?? ""}]`
    }
    if (name === "test" || name === "exec") return `${object}.${name}(${argumentsOf(given)})`
    if (name === "at") return `_counted(${object}, ${argumentsOf(given)})`
    if (METHODS.has(name)) return `_${name}(${[object, ...(given.length > 0 ? [argumentsOf(given)] : [])].join(", ")})`
    return `${object}[${quoted(name)}](${argumentsOf(given)})`
  }

  const absent = (object: string, write: (value: string) => string): string => {
    const name = temp()
    return `(None if (${name} := ${object}) is None else ${write(name)})`
  }

  // An optional chain: what stands after an absent link is absent.
  const chain = (node: Syntax, rest: (value: string) => string): string => {
    const known = staticOf(node.type === "CallExpression" ? node.callee : node)
    if (known !== undefined) return rest(node.type === "CallExpression" ? `${known}(${argumentsOf(node.arguments)})` : known)
    if (node.type === "MemberExpression") {
      const after = (object: string): string => rest(member(object, node))
      return chain(node.object, (object) => (node.optional ? absent(object, after) : after(object)))
    }
    if (node.type === "CallExpression") {
      const { callee } = node
      if (callee.type === "MemberExpression" && !callee.computed && staticOf(callee) === undefined && !node.optional) {
        const after = (object: string): string => rest(method(object, callee.property.name, node))
        return chain(callee.object, (object) => (callee.optional ? absent(object, after) : after(object)))
      }
      const after = (called: string): string => rest(`${called}(${argumentsOf(node.arguments)})`)
      return chain(callee, (called) => (node.optional ? absent(called, after) : after(called)))
    }
    return rest(expression(node))
  }

  const functionValue = (node: Syntax): string => (isFunction(node) ? closure(node) : expression(node))

  const isSimple = (node: Syntax): boolean =>
    node.type === "ArrowFunctionExpression" && node.body.type !== "BlockStatement" && node.params.every((each: Syntax) =>
      each.type === "Identifier"
    ) &&
    functions.get(node)!.assigned.size === 0

  /** A function in the middle of an expression: a lambda, or a name of a definition before the statement. */
  const closure = (node: Syntax): string => {
    if (isSimple(node)) {
      const before = lines.length
      const body = expression(node.body)
      if (lines.length === before) {
        const params = [...node.params.map((each: Syntax) => `${nameOf(each)}=None`), "*_more"].join(", ")
        return `(lambda ${params}: ${body})`
      }
      lines.length = before
    }
    const name = `_f${++made}`
    define(name, node, 0, true)
    return name
  }

  const isMember = (node: Syntax): boolean => node.type === "MemberExpression"

  /** Where what is assigned to is, for a statement. */
  const place = (node: Syntax): string => {
    if (node.type === "Identifier") return nameOf(node)
    if (!isMember(node)) return fail(node, "place")
    const object = expression(node.object)
    if (node.computed) return `${object}[${expression(node.property)}]`
    const name = node.property.name
    return node.object.type === "ThisExpression" || name === "lastIndex"
      ? `${object}.${python(node.property.type === "PrivateIdentifier" ? `#${name}` : name)}`
      : `${object}[${quoted(name)}]`
  }

  const RANK: Readonly<Record<string, string>> = {
    "===": "==",
    "!==": "!=",
    "==": "==",
    "!=": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">="
  }

  const binary = (node: Syntax): string => {
    const { left, operator, right } = node
    if (RANK[operator] !== undefined) {
      const isEqual = operator.startsWith("=")
      const isUnequal = operator.startsWith("!")
      if (isEqual || isUnequal) {
        if (left.type === "UnaryExpression" && left.operator === "typeof") {
          return right.value === "undefined" && isEqual
            ? "True"
            : fail(node, "typeof")
        }
        if (isNothing(right)) return `(${expression(left)} ${isEqual ? "is" : "is not"} None)`
        if (isNothing(left)) return `(${expression(right)} ${isEqual ? "is" : "is not"} None)`
      }
      return `(${expression(left)} ${RANK[operator]} ${expression(right)})`
    }
    const [a, b] = [expression(left), expression(right)]
    switch (operator) {
      case "+":
        return isText(left) && !isText(right)
          ? `(${a} + _str(${b}))`
          : isText(right) && !isText(left)
          ? `(_str(${a}) + ${b})`
          : `(${a} + ${b})`
      case "-":
      case "*":
      case "%":
      case "|":
      case "&":
      case "<<":
      case ">>":
        return operator === "|" && right.value === 0 ? `_int32(${a})` : `(${a} ${operator} ${b})`
      case ">>>":
        return `(${a} & 0xffffffff)`
      case "/":
        return isBig(node.start) && !a.startsWith("_number(") ? `_quotient(${a}, ${b})` : `(${a} / ${b})`
      case "**":
        return `_power(${a}, ${b})`
      case "in":
        return `(${a} in ${b})`
      case "instanceof":
        return `isinstance(${a}, ${b})`
      default:
        return fail(node, "operator")
    }
  }

  const objectOf = (node: Syntax): string =>
    `_O({${
      node.properties.map((property: Syntax) =>
        property.type === "SpreadElement"
          ? `**(${expression(property.argument)} or {})`
          : `${property.computed ? expression(property.key) : quoted(property.key.name ?? String(property.key.value))}: ${
            expression(property.value)
          }`
      ).join(", ")
    }})`

  const LITERAL = (node: Syntax): string => {
    if (node.regex !== undefined && node.regex !== null) {
      return constantOf(`_RegExp(${quoted(node.regex.pattern)}, ${quoted(node.regex.flags)})`)
    }
    if (node.bigint !== undefined && node.bigint !== null) return String(node.bigint)
    if (typeof node.value === "string") return quoted(node.value)
    if (typeof node.value === "boolean") return node.value ? "True" : "False"
    return node.value === null ? "None" : String(node.value)
  }

  function expression(node: Syntax): string {
    switch (node.type) {
      case "ParenthesizedExpression":
        return expression(node.expression)
      case "Identifier":
        return resolved.has(node) ? nameOf(node) : GLOBALS[node.name] ?? fail(node, "unknown name")
      case "ThisExpression":
        return "self"
      case "Literal":
        return LITERAL(node)
      case "TemplateLiteral": {
        const parts = node.quasis.flatMap(({ value }: Syntax, k: number) => [
          ...(value.cooked === "" ? [] : [quoted(value.cooked)]),
          ...(k < node.expressions.length ? [`_str(${expression(node.expressions[k])})`] : [])
        ])
        return parts.length === 0 ? "\"\"" : `(${parts.join(" + ")})`
      }
      case "TaggedTemplateExpression": {
        if (staticOf(node.tag) !== "_raw") return fail(node, "tag")
        const parts = node.quasi.quasis.flatMap(({ value }: Syntax, k: number) => [
          ...(value.raw === "" ? [] : [quoted(value.raw)]),
          ...(k < node.quasi.expressions.length ? [`_str(${expression(node.quasi.expressions[k])})`] : [])
        ])
        return `(${parts.join(" + ")})`
      }
      case "ArrayExpression":
        return `[${argumentsOf(node.elements)}]`
      case "ObjectExpression":
        return objectOf(node)
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return closure(node)
      case "UnaryExpression":
        if (node.operator === "void") return "None"
        if (node.operator === "!") return `(not ${expression(node.argument)})`
        return node.operator === "-" ? `(-${expression(node.argument)})` : fail(node, "operator")
      case "BinaryExpression":
        return binary(node)
      case "LogicalExpression": {
        const left = expression(node.left)
        if (node.operator !== "??") return `(${left} ${node.operator === "&&" ? "and" : "or"} ${expression(node.right)})`
        const name = temp()
        return `(${name} if (${name} := ${left}) is not None else ${expression(node.right)})`
      }
      case "ConditionalExpression":
        return `(${expression(node.consequent)} if ${expression(node.test)} else ${expression(node.alternate)})`
      case "ChainExpression":
        return chain(node.expression, (value) => value)
      case "MemberExpression":
        return chain(node, (value) => value)
      case "CallExpression":
        return chain(node, (value) => value)
      case "NewExpression": {
        const { arguments: given, callee } = node
        if (callee.type === "Identifier" && !resolved.has(callee)) {
          const words: Readonly<Record<string, string>> = {
            Set: "_Set",
            Map: "_Map",
            WeakMap: "_Map",
            RegExp: "_RegExp",
            RangeError: "ValueError",
            Uint8Array: "bytearray",
            Uint16Array: "bytearray"
          }
          return `${words[callee.name] ?? fail(node, "class")}(${argumentsOf(given)})`
        }
        return `${expression(callee)}(${argumentsOf(given)})`
      }
      case "AssignmentExpression":
        if (node.left.type !== "Identifier") return fail(node, "assignment within an expression")
        if (node.operator === "=") return `(${nameOf(node.left)} := ${expression(node.right)})`
        return fail(node, "assignment within an expression")
      case "UpdateExpression": {
        const sign = node.operator === "++" ? "+" : "-"
        if (node.argument.type !== "Identifier") {
          return node.prefix && node.argument.object.type === "ThisExpression"
            ? `_advance(self, ${quoted(python(node.argument.property.name))}, ${sign}1)`
            : fail(node, "update within an expression")
        }
        const name = nameOf(node.argument)
        return node.prefix ? `(${name} := ${name} ${sign} 1)` : `((${name} := ${name} ${sign} 1) ${sign === "+" ? "-" : "+"} 1)`
      }
      default:
        return fail(node, node.type)
    }
  }

  /** Binds a pattern to an expression. */
  const bind = (pattern: Syntax, value: string): void => {
    switch (pattern.type) {
      case "Identifier":
        return line(`${nameOf(pattern)} = ${value}`)
      case "MemberExpression":
        return line(`${place(pattern)} = ${value}`)
      case "AssignmentPattern": {
        const isPlain = pattern.left.type === "Identifier"
        const name = isPlain ? nameOf(pattern.left) : temp()
        line(`${name} = ${value}`)
        line(`if ${name} is None:`)
        block(() => line(`${name} = ${expression(pattern.right)}`))
        return isPlain ? undefined : bind(pattern.left, name)
      }
      case "ObjectPattern": {
        const name = /^\w+$/.test(value) ? value : temp()
        if (name !== value) line(`${name} = ${value}`)
        const taken: Array<string> = []
        for (const property of pattern.properties) {
          if (property.type === "RestElement") {
            bind(property.argument, `_O({k: v for k, v in dict.items(${name}) if k not in (${taken.map((each) => `${each},`).join(" ")})})`)
            continue
          }
          const key = property.key.name
          taken.push(quoted(key))
          bind(property.value, key === "length" || key === "size" ? `len(${name})` : `${name}[${quoted(key)}]`)
        }
        return
      }
      case "ArrayPattern": {
        const name = temp()
        line(`${name} = ${value}`)
        for (const [k, element] of pattern.elements.entries()) {
          if (element === null) continue
          if (element.type === "RestElement") bind(element.argument, `_list(${name})[${k}:]`)
          else bind(element, `_at(${name}, ${k})`)
        }
        return
      }
      default:
        return fail(pattern, "pattern")
    }
  }

  const containsYield = (node: Syntax): boolean =>
    node.type === "YieldExpression" || (!isFunction(node) && children(node).some(containsYield))

  /** `def name(…):` of a function; `least` arguments are always given. */
  function define(name: string, node: Syntax, least: number, isValue: boolean, self = false): void {
    const fn = functions.get(node)!
    const patterns: Array<readonly [Syntax, string]> = []
    const params = node.params.map((param: Syntax, k: number) => {
      if (param.type === "RestElement") return `*${nameOf(param.argument)}`
      const isPlain = param.type === "Identifier" || (param.type === "AssignmentPattern" && param.left.type === "Identifier")
      const written = isPlain ? nameOf(param.type === "Identifier" ? param : param.left) : `_p${k + 1}`
      if (param.type !== "Identifier") patterns.push([param, written])
      return k < least && param.type !== "AssignmentPattern" ? written : `${written}=None`
    })
    const extra = isValue && !node.params.some((each: Syntax) => each.type === "RestElement") ? ["*_more"] : []
    line(`def ${name}(${[...(self ? ["self"] : []), ...params, ...extra].join(", ")}):`)
    block(() => {
      const outer = [...fn.assigned].filter((binding) => binding.fn !== fn)
      const globals = outer.filter((binding) => binding.fn === module)
      const nonlocals = outer.filter((binding) => binding.fn !== module)
      if (globals.length > 0) line(`global ${globals.map(({ written }) => written).join(", ")}`)
      if (nonlocals.length > 0) line(`nonlocal ${nonlocals.map(({ written }) => written).join(", ")}`)
      for (const [pattern, written] of patterns) {
        if (pattern.type === "AssignmentPattern" && pattern.left.type === "Identifier") {
          line(`if ${written} is None:`)
          block(() => line(`${written} = ${expression(pattern.right)}`))
        } else bind(pattern, written)
      }
      if (node.body.type === "BlockStatement") { for (const statement of node.body.body) write(statement, undefined) }
      else line(`return ${expression(node.body)}`)
    })
  }

  const defineBound = (id: Syntax, node: Syntax): void => {
    const binding = resolved.get(id)!
    const override = Object.hasOwn(overrides, binding.name) ? overrides[binding.name] : undefined
    if (override !== undefined) {
      for (const each of override.trim().split("\n")) line(each)
      return
    }
    const least = binding.isValue || binding.least === undefined || binding.least === Infinity ? 0 : binding.least
    define(binding.written, node, least, binding.isValue || binding.least === Infinity)
  }

  const classOf = (name: string, node: Syntax): void => {
    line(
      `class ${name}(${
        node.superClass === null ? "_Object" : node.superClass.name === "Error" ? "Exception" : expression(node.superClass)
      }):`
    )
    block(() => {
      const fields = node.body.body.filter((member: Syntax) => member.type === "PropertyDefinition")
      const methods = node.body.body.filter((member: Syntax) => member.type === "MethodDefinition")
      const constructor = methods.find((member: Syntax) => member.kind === "constructor")
      if (fields.length > 0) {
        const params = constructor?.value.params ?? []
        line(`def __init__(${["self", ...params.map((each: Syntax) => nameOf(each))].join(", ")}):`)
        block(() => {
          for (const { key, value } of fields) {
            line(
              `self.${python(key.type === "PrivateIdentifier" ? `#${key.name}` : key.name)} = ${
                value === null ? "None" : expression(value)
              }`
            )
          }
          for (const statement of constructor?.value.body.body ?? []) write(statement, undefined)
        })
      }
      for (const { key, kind, value } of methods) {
        if (kind === "constructor") continue
        if (kind === "get") line("@property")
        define(python(key.name), value, 0, false, true)
      }
    })
  }

  const assign = (node: Syntax): void => {
    const { left, operator, right } = node
    if (operator === "=") {
      if (isFunction(right) && left.type === "Identifier") return line(`${nameOf(left)} = ${closure(right)}`)
      return bind(left, expression(right))
    }
    const target = place(left)
    if (operator === "??=" || operator === "||=") {
      line(operator === "??=" ? `if ${target} is None:` : `if not ${target}:`)
      return block(() => line(`${target} = ${expression(right)}`))
    }
    if (operator === "/=") return line(`${target} = ${isBig(node.start) ? "_quotient" : "_divided"}(${target}, ${expression(right)})`)
    line(`${target} ${operator} ${expression(right)}`)
  }

  /** What "continue" must do first: the step of a for loop. */
  type Step = (() => void) | undefined

  const writeBody = (node: Syntax, step: Step): void =>
    block(() => {
      if (node.type === "BlockStatement") { for (const statement of node.body) write(statement, step) }
      else write(node, step)
    })

  // A test that needs definitions before it is made anew each time.
  const loop = (test: Syntax | null, body: () => void): void => {
    const before = lines.length
    const written = test === null ? "True" : expression(test)
    if (lines.length === before) {
      line(`while ${written}:`)
      return block(body)
    }
    lines.length = before
    line("while True:")
    block(() => {
      const condition = expression(test!)
      line(`if not ${condition}:`)
      block(() => line("break"))
      body()
    })
  }

  const endsIn = (statements: ReadonlyArray<Syntax>): ReadonlyArray<Syntax> => {
    const flat = statements.length === 1 && statements[0]!.type === "BlockStatement"
      ? statements[0]!.body as ReadonlyArray<Syntax>
      : statements
    return flat.at(-1)?.type === "BreakStatement" ? flat.slice(0, -1) : flat
  }
  const breaks = (node: Syntax): boolean =>
    node.type === "BreakStatement" || (!isFunction(node) && !/^(?:For|While|DoWhile)/.test(node.type) && children(node).some(breaks))

  function write(node: Syntax, step: Step): void {
    switch (node.type) {
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          if (init === null) line(`${nameOf(id)} = None`)
          else if (isFunction(init) && id.type === "Identifier") defineBound(id, init)
          else if (init.type === "ClassExpression") classOf(nameOf(id), init)
          // An expression remembers its place: one of a call begins anew.
          else if (indent > 0 && init.regex != null && /[gy]/.test(init.regex.flags)) bind(id, `${expression(init)}.fresh()`)
          else bind(id, expression(init))
        }
        return
      case "FunctionDeclaration":
        if (containsYield(node.body) && !node.generator) fail(node, "generator")
        return defineBound(node.id, node)
      case "ExpressionStatement": {
        const { expression: inner } = node
        if (inner.type === "AssignmentExpression") return assign(inner)
        if (inner.type === "UpdateExpression") return line(`${place(inner.argument)} ${inner.operator === "++" ? "+" : "-"}= 1`)
        if (inner.type === "YieldExpression") return line(`yield ${expression(inner.argument)}`)
        return line(expression(inner))
      }
      case "ReturnStatement":
        return line(node.argument === null ? "return None" : `return ${expression(node.argument)}`)
      case "IfStatement": {
        line(`if ${expression(node.test)}:`)
        writeBody(node.consequent, step)
        if (node.alternate !== null) {
          line("else:")
          writeBody(node.alternate, step)
        }
        return
      }
      case "BlockStatement":
        for (const statement of node.body) write(statement, step)
        return
      case "EmptyStatement":
        return
      case "ForStatement": {
        if (node.init !== null) {
          if (node.init.type === "VariableDeclaration") write(node.init, undefined)
          else write({ type: "ExpressionStatement", start: node.start, expression: node.init }, undefined)
        }
        const next: Step = node.update === null
          ? undefined
          : () => write({ type: "ExpressionStatement", start: node.start, expression: node.update }, undefined)
        return loop(node.test, () => {
          for (const statement of node.body.type === "BlockStatement" ? node.body.body : [node.body]) write(statement, next)
          next?.()
        })
      }
      case "WhileStatement":
        return loop(node.test, () => {
          for (const statement of node.body.type === "BlockStatement" ? node.body.body : [node.body]) write(statement, undefined)
        })
      case "DoWhileStatement":
        line("while True:")
        return block(() => {
          write(node.body, undefined)
          line(`if not ${expression(node.test)}:`)
          block(() => line("break"))
        })
      case "ForOfStatement": {
        const over = expression(node.right)
        const pattern = node.left.type === "VariableDeclaration" ? node.left.declarations[0].id : node.left
        const each = pattern.type === "Identifier" ? nameOf(pattern) : temp()
        line(`for ${each} in ${over}:`)
        return block(() => {
          if (pattern.type !== "Identifier") bind(pattern, each)
          for (const statement of node.body.type === "BlockStatement" ? node.body.body : [node.body]) write(statement, undefined)
        })
      }
      case "ContinueStatement":
        step?.()
        return line("continue")
      case "BreakStatement":
        return line("break")
      case "ThrowStatement":
        return line(`raise ${expression(node.argument)}`)
      case "TryStatement": {
        line("try:")
        writeBody(node.block, step)
        const { body, param } = node.handler
        line(`except Exception as ${param == null ? "_" : `_e`}:`)
        block(() => {
          if (param != null) bind(param, "_e")
          for (const statement of body.body) write(statement, step)
        })
        return
      }
      case "SwitchStatement": {
        const value = temp()
        line(`${value} = ${expression(node.discriminant)}`)
        let tests: Array<string> = []
        let isFirst = true
        for (const { consequent, test } of node.cases) {
          if (test !== null) tests.push(`${value} == ${expression(test)}`)
          if (consequent.length === 0) continue
          const body = endsIn(consequent)
          if (body.some(breaks)) fail(node, "break within a case")
          line(test === null ? (isFirst ? "if True:" : "else:") : `${isFirst ? "if" : "elif"} ${tests.join(" or ")}:`)
          block(() => {
            for (const statement of body) write(statement, step)
          })
          tests = []
          isFirst = false
        }
        return
      }
      case "ExportNamedDeclaration":
        return
      default:
        return fail(node, node.type)
    }
  }

  const whole: Array<string> = []
  let section = ""
  for (const statement of program.body) {
    lines = []
    write(statement, undefined)
    const here = sectionAt(statement.start)
    if (here !== section && lines.length > 0) {
      section = here
      whole.push("", "", `# ${section}`)
    }
    if (constants.length > 0) whole.push(...constants.splice(0))
    if (lines[0]?.startsWith("def ") === true || lines[0]?.startsWith("class ") === true) whole.push("")
    whole.push(...lines)
  }
  return whole.join("\n")
}
