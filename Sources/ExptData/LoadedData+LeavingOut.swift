public import ExptComponents

extension LoadedData {
  /// The same without the training and validation images of some classes, and a note of how many those were.
  ///
  /// - Throws: `malformed`, at the setting, where the images have no labels, no class of the name, or none is left
  ///   to train on.
  public func leavingOut(_ names: [ClassName]) throws(DataProblem) -> LoadedData {
    guard !names.isEmpty else { return self }
    let classes = try names.map { name throws(DataProblem) in try train.leftOut(name) }
    var data = self
    data.train = try train.leavingOut(classes)
    data.validation = try validation.map { images throws(DataProblem) in
      try images.leavingOut(classes)
    }
    guard data.train.count > 0 || train.count == 0 else {
      throw DataProblem(
        .malformed,
        "'leave_out' leaves no image to train on: all \(train.count) are of its classes",
        setting: "leave_out")
    }
    for (name, label) in zip(names, classes)
    where !(train.labels ?? []).contains(where: { Int($0) == label }) {
      data.notes.append("'leave_out' names class \(name), of which there is no training image")
    }
    return data
  }
}

extension ImageSet {
  fileprivate func leftOut(_ name: ClassName) throws(DataProblem) -> Int {
    if let label = label(of: name) { return label }
    let names = namesOfClasses
    guard !names.isEmpty else {
      throw DataProblem(
        .malformed,
        "'leave_out' names class \(name), and these classes have no names: write numbers",
        setting: "leave_out")
    }
    let rest = names.count > 40 ? ", … (\(names.count))" : ""
    throw DataProblem(
      .malformed,
      "'leave_out' names class \(name), and the classes are \(names.prefix(40).joined(separator: ", "))\(rest)",
      setting: "leave_out")
  }

  fileprivate func leavingOut(_ classes: [Int]) throws(DataProblem) -> ImageSet {
    guard count > 0 else { return self }
    guard let labels else {
      throw DataProblem(
        .malformed, "'leave_out' leaves out classes, and the images have no labels",
        setting: "leave_out")
    }
    let isLeftOut = Set(classes)
    return selecting((0..<count).filter { !isLeftOut.contains(Int(labels[$0])) }[...])
  }
}
