public import ExptComponents
import ExptFiles
import ExptTensor
import Synchronization

/// What the pictures of a folder are: sizes, colours, classes and parts, for somebody who is about to write
/// an experiment on them.
public struct PictureFolder: Sendable {
  public struct Size: Sendable, Hashable {
    public var height: Int
    public var width: Int
  }

  /// How many pictures there are to train on, and in folders of their own to validate and to test with.
  public let count: Int
  public let validation: Int?
  public let test: Int?
  /// The sub-folders that are classes.
  public let classes: [String]
  /// How many pictures were looked at.
  public private(set) var seen = 0
  /// How many have each size.
  public private(set) var sizes: [Size: Int] = [:]
  /// How many have one channel, and how many of those with three show nothing but grey.
  public private(set) var grey = 0
  public private(set) var greyInColour = 0
  /// What cannot be read, the first in the order of the folder in front.
  public private(set) var unreadable: [String] = []

  /// Looks at the pictures to train on, decoded by the threads of the pool.
  ///
  /// - Parameter environment: Its `sample` is how many pictures are enough; nil: all.
  /// - Throws: `missing` if there is no such folder, `malformed` if it holds no pictures; what reading them
  ///   needs and this machine lacks.
  public init(_ path: WrittenPath, _ environment: DataEnvironment) throws(DataProblem) {
    var settings = Images()
    settings.path = path
    let parts = try ImageParts(settings, environment)
    let files = parts.train.files
    count = files.count
    validation = parts.validation?.files.count
    test = parts.test?.files.count
    classes = parts.train.classes
    let numbers = environment.sampled(files.count)
    let found = Mutex([Int: Finding]())
    ThreadPool.run(numbers.count, on: environment.pool) { place in
      let finding = Finding(files[numbers[place]].path)
      found.withLock { $0[place] = finding }
    }
    let findings = found.withLock { $0 }
    for place in numbers.indices {
      if let finding = findings[place] { try add(finding) }
    }
  }

  private mutating func add(_ finding: Finding) throws(DataProblem) {
    seen += 1
    switch finding {
    case .unreadable(let problem):
      // What no picture is to blame for is said once.
      guard problem.message != JPEG.advice else { throw DataProblem(problem) }
      let reason = "\(problem)"
      unreadable.append(reason.hasSuffix(".") ? String(reason.dropLast()) : reason)
    case .picture(let size, let isColour, let isGrey):
      sizes[size, default: 0] += 1
      if !isColour { grey += 1 } else if isGrey { greyInColour += 1 }
    }
  }

  private enum Finding {
    case picture(Size, isColour: Bool, isGrey: Bool)
    case unreadable(FileProblem)

    init(_ path: String) {
      do throws(FileProblem) {
        let image = try ImageReading.read(path).image
        self = .picture(
          Size(height: image.height, width: image.width), isColour: image.channels == 3,
          isGrey: Self.isGrey(image))
      } catch {
        self = .unreadable(error)
      }
    }

    private static func isGrey(_ image: Image8) -> Bool {
      guard image.channels == 3 else { return true }
      return image.samples.withUnsafeBufferPointer { samples in
        stride(from: 0, to: samples.count - 2, by: 3).allSatisfy {
          samples[$0] == samples[$0 + 1] && samples[$0] == samples[$0 + 2]
        }
      }
    }
  }
}
