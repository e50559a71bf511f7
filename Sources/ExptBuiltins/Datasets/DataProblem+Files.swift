import ExptComponents
import ExptFiles

extension DataProblem {
  /// What is wrong with a file, as a problem of the data.
  init(_ problem: FileProblem) {
    switch problem.code {
    case .missing where !problem.path.hasPrefix("/"):
      self.init(
        .missing,
        problem.description + " Paths are relative to the folder expt is started in."
      )
    case .missing: self.init(.missing, problem.description)
    case .unreadable, .unwritable, .taken: self.init(.inputOutput, problem.description)
    default: self.init(.malformed, problem.description)
    }
  }

  /// The result of `body`; what it throws becomes a problem of the data.
  static func translating<Value>(
    _ body: () throws(FileProblem) -> Value
  ) throws(DataProblem) -> Value {
    do {
      return try body()
    } catch {
      throw DataProblem(error)
    }
  }
}
