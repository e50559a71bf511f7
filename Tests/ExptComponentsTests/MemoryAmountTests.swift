import ExptComponents
import ExptDocument
import Testing

@Suite("Amounts of memory")
struct MemoryAmountTests {
  private func read(_ text: String) throws -> MemoryAmount? {
    try Document.parse("memory: \(text)").root["memory"].flatMap { MemoryAmount.read($0) }
  }

  @Test func `an amount is a number and a unit`() throws {
    for (text, bytes) in [
      ("800MB", 800_000_000), ("2 GB", 2_000_000_000), ("512MiB", 512 << 20), ("1.5GiB", 3 << 29),
      ("100kB", 100_000), ("7B", 7),
    ] { #expect(try read(text) == .bytes(bytes), "\(text)") }
    #expect(try read("auto") == .auto)
    for text in ["800", "MB", "-1MB", "0MB", "1e300TB", "nanMB", "infGB", "all", "[1MB]"] {
      #expect(try read(text) == nil, "\(text)")
    }
  }

  @Test func `it is written as it is read`() throws {
    for text in ["800MB", "512MiB", "3GiB", "7B", "auto", "2GB"] {
      #expect(try read(text)?.description == text)
      let amount = try #require(try read(text))
      #expect(try read(amount.description) == amount)
    }
  }
}
