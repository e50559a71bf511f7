import CKernels
import Testing

@Suite("Memory")
struct MemoryTests {
  @Test(
    "is zeros on the boundary of a cache line, also where it was used before",
    arguments: [0, 1, 4096, (512 << 10) - 1, 512 << 10, 2 << 20, (4 << 20) + 1])
  func zeros(_ bytes: Int) {
    for _ in 0..<3 {
      guard let memory = ck_memory_allocate(bytes) else {
        Issue.record("no memory")
        return
      }
      #expect(Int(bitPattern: memory) % 64 == 0)
      let content = UnsafeMutableRawBufferPointer(start: memory, count: bytes)
      #expect(content.allSatisfy { $0 == 0 })
      for i in stride(from: 0, to: bytes, by: 512) { content[i] = 1 }
      if bytes > 0 { content[bytes - 1] = 1 }
      ck_memory_free(memory, bytes)
    }
    ck_memory_free(nil, bytes)
  }
}
