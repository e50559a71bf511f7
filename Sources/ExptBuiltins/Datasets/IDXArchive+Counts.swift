import ExptComponents
import ExptFiles

extension IDXArchive {
  /// As the headers of the files say; of files that are not there yet, as they are published.
  func counts(
    root: WrittenPath?, _ environment: DataEnvironment
  ) throws(DataProblem) -> ImageCounts {
    let folder = try DataFolder(name: name, root: root, environment)
    func count(_ part: Part) -> Int? {
      folder.find(part.names).flatMap { try? IDX.readShape($0).first }
    }
    return ImageCounts(train: count(trainImages) ?? 60_000, test: count(testImages) ?? 10_000)
  }
}

extension MNIST {
  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try Self.archive.counts(root: root, environment)
  }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 10)
  }
}

extension FashionMNIST {
  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try Self.archive.counts(root: root, environment)
  }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 10)
  }
}

extension KMNIST {
  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try Self.archive.counts(root: root, environment)
  }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 10)
  }
}

extension CIFAR10 {
  /// Its files have no header: each has ten thousand images.
  public func counts(_ environment: DataEnvironment) -> ImageCounts? {
    ImageCounts(train: 50_000, test: 10_000)
  }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 10)
  }
}
