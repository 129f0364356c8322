import { describe, expect, it } from "vitest"
import { pythonStubs, pythonSymbols } from "../../../src/cli/native/Build.ts"
import { familyOf } from "../../../src/cli/native/Programs.ts"

describe("the family of a Linux", () => {
  it.each([
    ["ID=debian\nVERSION_ID=12", "debian"],
    ["NAME=Mint\nID=linuxmint\nID_LIKE=\"ubuntu debian\"", "debian"],
    ["ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", "fedora"],
    ["ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"", "suse"],
    ["ID=arch", "arch"],
    ["ID=alpine", "alpine"],
    ["ID=nixos", undefined],
    ["ID=constructor", undefined],
    ["", undefined]
  ])("of %j is %s", (release, family) => {
    expect(familyOf(release)).toBe(family)
  })
})

describe("stubs for Python's interface", () => {
  const listing = `
                 U PyArg_ParseTuple
                 U PyExc_TypeError
                 U PyFloat_Type
                 U _Py_NoneStruct
                 U _PyObject_New
                 U memcpy@GLIBC_2.14
                 w PyWeak
0000000000001000 T PyDefined`

  it("are made for what is undefined and of Python, and for nothing else", () => {
    expect(pythonSymbols(listing)).toEqual(["PyArg_ParseTuple", "PyExc_TypeError", "PyFloat_Type", "_Py_NoneStruct", "_PyObject_New"])
  })

  it("are functions that end the process, and variables of zeroes", () => {
    expect(pythonStubs(pythonSymbols(listing)).trim().split("\n").slice(1)).toEqual([
      "void PyArg_ParseTuple(void) { abort(); }",
      "char PyExc_TypeError[4096];",
      "char PyFloat_Type[4096];",
      "char _Py_NoneStruct[4096];",
      "void _PyObject_New(void) { abort(); }"
    ])
  })
})
