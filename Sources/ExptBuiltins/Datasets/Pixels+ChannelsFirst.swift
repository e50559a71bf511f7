import ExptComponents
import ExptTensor

extension ImageSet.Pixels {
  /// Images [height, width, channels] as [channels, height, width].
  func channelsFirst(_ shape: Shape) -> ImageSet.Pixels {
    switch self {
    case .bytes(let values): .bytes(Self.channelsFirst(values, shape))
    case .floats(let values): .floats(Self.channelsFirst(values, shape))
    case .stored: self  // a source gives images as a model takes them
    }
  }

  private static func channelsFirst<Value: BitwiseCopyable>(
    _ values: [Value], _ shape: Shape
  ) -> [Value] {
    let (channels, places) = (shape[0], shape[1] * shape[2])
    return [Value](unsafeUninitializedCapacity: values.count) { target, filled in
      var next = 0
      for image in stride(from: 0, to: values.count, by: channels * places) {
        for channel in 0..<channels {
          for place in 0..<places {
            target[next] = values[image + place * channels + channel]
            next += 1
          }
        }
      }
      filled = next
    }
  }
}
