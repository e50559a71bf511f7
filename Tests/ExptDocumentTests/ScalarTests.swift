import ExptDocument
import Testing

@Suite("A plain scalar reads as in YAML 1.2's core schema")
struct ScalarTests {
  @Test(arguments: [
    ("0", 0), ("-7", -7), ("+7", 7), ("010", 10), ("0x1F", 31), ("0o17", 15),
    ("9223372036854775807", Int.max),
  ])
  func `integers`(_ text: String, _ value: Int) {
    #expect(Scalar(text).int == value)
    #expect(Scalar(text).double == Double(value))
    #expect(Scalar(text).kind == .integer)
    #expect(Scalar(text, isQuoted: true).kind == .text)
  }

  @Test(arguments: [
    ("1.0", 1), ("1e-3", 0.001), ("1.0e-3", 0.001), (".5", 0.5), ("5.", 5), ("-.5E+2", -50),
    ("1e3", 1000), ("9223372036854775808", 9.223372036854775808e18), (".inf", .infinity),
    ("-.INF", -.infinity), ("0.0", 0), ("0e-999", 0),
  ])
  func `numbers`(_ text: String, _ value: Double) {
    #expect(Scalar(text).double == value)
    #expect(Scalar(text).int == nil)
    #expect(Scalar(text).kind == .number)
  }

  @Test func `unsigned numbers beyond Int`() {
    #expect(Scalar("18446744073709551615").unsigned == .max)
    #expect(Scalar("0xFFFFFFFFFFFFFFFF").unsigned == .max)
    #expect(Scalar("0xFFFFFFFFFFFFFFFF").double == 0x1p64)
    #expect(Scalar("18446744073709551616").unsigned == nil)
    #expect(Scalar("-1").unsigned == nil)
    #expect(Scalar("1", isQuoted: true).unsigned == nil)
  }

  @Test func `not a number is one`() { #expect(Scalar(".NaN").double?.isNaN == true) }

  @Test(arguments: [
    "1_000", "1,000", "yes", "no", "on", "off", "inf", "nan", "1:30", "2024-01-01", "0x", "0b1",
    "0o8", "-0x1", ".", "-", "+", "e5", "1e", "1e+", "1.2.3", ".e1", "1 2", "0x1p3", "tRUE",
    "nULL", "١", "1e999", "1e-999", "infinity", "--1", "0X1",
  ])
  func `all else is text`(_ text: String) { #expect(Scalar(text).kind == .text) }

  @Test func `booleans and null`() {
    for text in ["true", "True", "TRUE"] { #expect(Scalar(text).bool == true) }
    for text in ["false", "False", "FALSE"] { #expect(Scalar(text).bool == false) }
    for text in ["", "~", "null", "Null", "NULL"] { #expect(Scalar(text).isNull) }
    #expect(!Scalar("", isQuoted: true).isNull)
    #expect(Scalar("true", isQuoted: true).bool == nil)
  }

  @Test func `a suggestion says what was probably meant`() {
    #expect(Scalar("yes").suggestion(for: .boolean) == "true")
    #expect(Scalar("Off").suggestion(for: .boolean) == "false")
    #expect(Scalar("1_000").suggestion(for: .integer) == "1000")
    #expect(Scalar("1e3").suggestion(for: .integer) == "1000")
    #expect(Scalar("1.5").suggestion(for: .integer) == nil)
    #expect(Scalar("0.5", isQuoted: true).suggestion(for: .number) == "0.5")
    #expect(Scalar("-inf").suggestion(for: .number) == "-.inf")
    #expect(Scalar("abc").suggestion(for: .number) == nil)
  }
}
