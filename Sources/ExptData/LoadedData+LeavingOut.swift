public import ExptComponents

extension LoadedData {
  /// The same without the training and validation images of some classes, and a note of how many those were.
  ///
  /// - Throws: `malformed`, at the setting, where the images have no labels, or none is left to train on.
  public func leavingOut(_ classes: [Int]) throws(DataProblem) -> LoadedData {
    guard !classes.isEmpty else { return self }
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
    for name in classes where !(train.labels ?? []).contains(where: { Int($0) == name }) {
      data.notes.append("'leave_out' names class \(name), of which there is no training image")
    }
    return data
  }
}

extension ImageSet {
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
