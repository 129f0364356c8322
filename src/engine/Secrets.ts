/**
 * Keys and passwords: kept out of everything that is printed, in every writing that a server may send back.
 *
 * @module
 */
import { ConfigError } from "../domain/Errors.ts"

/** An address as it may be shown and asked, and what it says of who asks. */
export interface Endpoint {
  /** The address without name and password. */
  readonly url: URL
  /** For messages: the same, without the values of its query. */
  readonly shown: string
  /** The header that name and password stand for. */
  readonly authorization: string | undefined
  readonly secrets: ReadonlyArray<string>
}

// Bytes of UTF-8 in base64, with what every runtime has.
const base64Of = (text: string): string => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""))

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An address with its name and password cut out, for messages on what is no address. */
export const withoutCredentials = (text: string): string => {
  const start = text.indexOf("//")
  const at = text.lastIndexOf("@")
  return start < 0 || at < start ? (at < 0 ? text : `…${text.slice(at)}`) : `${text.slice(0, start + 2)}…${text.slice(at)}`
}

/** Reads an address. Throws `ConfigError`, which shows no password. */
export const endpointOf = (text: string, field = "endpoint"): Endpoint => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigError({
      field,
      value: JSON.stringify(withoutCredentials(text)),
      expected: "an address such as http://localhost:8000/v1"
    })
  }
  const [name, password] = [decoded(url.username), decoded(url.password)]
  const values = [...url.searchParams.values()].filter((value) => value.length > 3)
  const secrets = [...(password === "" ? [] : [password, url.password]), ...values]
  url.username = ""
  url.password = ""
  const shown = `${url.origin}${url.pathname.replace(/\/$/, "")}`
  const pair = base64Of(`${name}:${password}`)
  return {
    url,
    shown,
    authorization: name === "" && password === "" ? undefined : `Basic ${pair}`,
    secrets: password === "" ? secrets : [...secrets, pair]
  }
}

/** The address below an endpoint. */
export const below = ({ url }: Endpoint, path: string): string => {
  const whole = new URL(url)
  let end = whole.pathname.length
  while (end > 0 && whole.pathname[end - 1] === "/") end--
  whole.pathname = whole.pathname.slice(0, end) + path
  return whole.href
}

/** Refuses a key that no header can carry; `field` says where it came from. The key itself is not said. Throws `ConfigError`. */
export const assertKey = (key: string, field: string): void => {
  if (/^[\u0021-\u007e]*$/.test(key)) return
  const what = /[\r\n]/.test(key) ? "a line break" : /\s/.test(key) ? "a space" : "a character that is not ASCII"
  throw new ConfigError({
    field,
    value: `a key with ${what}`,
    expected: "a key of printable ASCII characters on one line, without quotes or spaces around it"
  })
}

/** Makes a function that puts `<key>` in the place of every secret: as it is, in base64 and hexadecimal, as part of an address, and as JSON writes it. */
export const masking = (secrets: ReadonlyArray<string>): (text: string) => string => {
  const writings = secrets.filter((secret) => secret !== "").flatMap((secret) => {
    const base64 = base64Of(secret)
    let end = base64.length
    while (base64[end - 1] === "=") end--
    const bare = base64.slice(0, end)
    const hex = Array.from(new TextEncoder().encode(secret), (byte) => byte.toString(16).padStart(2, "0")).join("")
    return [
      secret,
      bare,
      bare.replaceAll("+", "-").replaceAll("/", "_"),
      hex,
      hex.toUpperCase(),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1)
    ]
  })
  const longestFirst = [...new Set(writings)].toSorted((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((masked, writing) => masked.replaceAll(writing, "<key>"), text)
}
