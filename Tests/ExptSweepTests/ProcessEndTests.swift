import Foundation
import Testing

@testable import ExptSweep

@Suite("The end of a process") struct ProcessEndTests {
  @Test func `that a machine brought about says nothing of the run`() {
    for signal in [SIGKILL, SIGTERM, SIGHUP, SIGBUS, SIGXFSZ, SIGXCPU] {
      #expect(ProcessEnd.signalled(signal).isKill)
      #expect(ProcessEnd.exited(128 + signal).isKill, "as a shell reports it")
    }
    #expect(ProcessEnd.lost("it needed more memory").isKill)
    for code: Int32 in [0, 1, 64, 65, 66, 70, 74, 128] { #expect(!ProcessEnd.exited(code).isKill) }
    #expect(!ProcessEnd.signalled(SIGSEGV).isKill && !ProcessEnd.signalled(SIGABRT).isKill)
    #expect(ProcessEnd.exited(74).isInputOutput && !ProcessEnd.exited(70).isInputOutput)
  }
}
