/// A NumPy array, as `.npy` files and the members of `.npz` archives hold it.
///
///     let images = try NPYArray.read("images.npy")  // images.shape, images.floats
public struct NPYArray: Sendable, Hashable {
  /// The type of an element, by NumPy's letter and size in bytes.
  public enum ElementType: String, Sendable, CaseIterable {
    case bool = "b1"
    case u8 = "u1", u16 = "u2", u32 = "u4", u64 = "u8"
    case i8 = "i1", i16 = "i2", i32 = "i4", i64 = "i8"
    case f16 = "f2", f32 = "f4", f64 = "f8"

    /// Bytes an element.
    public var size: Int { Int(rawValue.utf8.last ?? 0) - 48 }
  }

  public var type: ElementType
  /// Sizes from the slowest dimension to the fastest; empty for a single number.
  public var shape: [Int]
  /// Little-endian, row-major ("C order"), whatever order the file was in.
  public var bytes: [UInt8]

  public init(type: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(
      checkedProduct(shape + [type.size]) == bytes.count,
      "shape \(shape) of \(type) does not take \(bytes.count) bytes")
    (self.type, self.shape, self.bytes) = (type, shape, bytes)
  }

  public init(shape: [Int], floats: [Float]) {
    self.init(type: .f32, shape: shape, bytes: LittleEndian.bytes(floats))
  }
  public init(shape: [Int], doubles: [Double]) {
    self.init(type: .f64, shape: shape, bytes: LittleEndian.bytes(doubles))
  }
  public init(shape: [Int], int64s: [Int64]) {
    self.init(type: .i64, shape: shape, bytes: LittleEndian.bytes(int64s))
  }
  public init(shape: [Int], uint8s: [UInt8]) {
    self.init(type: .u8, shape: shape, bytes: uint8s)
  }

  /// The values as Float, whatever their type; wide types are rounded.
  public var floats: [Float] {
    switch type {
    case .f16: (values() as [UInt16]).map(HalfFloat.float)
    case .f32: values()
    case .f64: (values() as [Double]).map { Float($0) }
    default: integers?.map { Float($0) } ?? (values() as [UInt64]).map { Float($0) }
    }
  }

  /// The values as Double, whatever their type.
  public var doubles: [Double] {
    switch type {
    case .f16, .f32: floats.map { Double($0) }
    case .f64: values()
    default: integers?.map { Double($0) } ?? (values() as [UInt64]).map { Double($0) }
    }
  }

  /// The values as Int; nil for floating point, and for a `u8` value beyond Int.
  public var integers: [Int]? {
    switch type {
    case .bool, .u8: bytes.map { Int($0) }
    case .u16: (values() as [UInt16]).map { Int($0) }
    case .u32: (values() as [UInt32]).map { Int($0) }
    case .i8: (values() as [Int8]).map { Int($0) }
    case .i16: (values() as [Int16]).map { Int($0) }
    case .i32: (values() as [Int32]).map { Int($0) }
    case .i64: (values() as [Int64]).map { Int($0) }
    case .u64:
      (values() as [UInt64]).allSatisfy { $0 <= UInt64(Int.max) }
        ? (values() as [UInt64]).map { Int($0) } : nil
    case .f16, .f32, .f64: nil
    }
  }

  private func values<Value: BitwiseCopyable>() -> [Value] { LittleEndian.values(bytes[...]) }
}

/// IEEE 754 binary16, by its bits: not every platform that Swift runs on has a Float16.
enum HalfFloat {
  /// The same number as Float, which holds every half exactly.
  static func float(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1f
    let fraction = UInt32(half & 0x3ff)
    switch exponent {
    case 0:  // zero, or a multiple of 2⁻²⁴
      let value = Float(fraction) * 0x1p-24
      return Float(bitPattern: value.bitPattern | sign)
    case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
