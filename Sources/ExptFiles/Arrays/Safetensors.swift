/// A safetensors file: named arrays with a JSON header, readable by the public libraries for Python,
/// Rust and others.
///
///     var file = Safetensors()
///     file.add("encoder.weight", shape: [400, 784], floats: weights)
///     try file.write(to: "last.safetensors")
///
/// The same content always gives the same bytes, whatever the order of `add`.
/// Source: https://github.com/huggingface/safetensors, README "Format".
public struct Safetensors: Sendable, Hashable {
  /// What one element is. The names are the format's own.
  public enum ElementType: String, Sendable, CaseIterable {
    case f64 = "F64", f32 = "F32", f16 = "F16", bf16 = "BF16"
    case i64 = "I64", i32 = "I32", i16 = "I16", i8 = "I8"
    case u64 = "U64", u32 = "U32", u16 = "U16", u8 = "U8", bool = "BOOL"

    /// Bytes an element.
    public var size: Int {
      switch self {
      case .f64, .i64, .u64: 8
      case .f32, .i32, .u32: 4
      case .f16, .bf16, .i16, .u16: 2
      case .i8, .u8, .bool: 1
      }
    }
  }

  public struct Tensor: Sendable {
    public var name: String
    public var type: ElementType
    public var shape: [Int]
    fileprivate let content: Content

    /// Numbers that are there already are not copied into bytes: weights are most of a process's memory.
    enum Content: Sendable {
      case bytes([UInt8])
      case floats([Float])
    }

    /// - Parameter bytes: Little-endian, row-major.
    public init(name: String, type: ElementType, shape: [Int], bytes: [UInt8]) {
      (self.name, self.type, self.shape, content) = (name, type, shape, .bytes(bytes))
    }

    public init(name: String, shape: [Int], floats: [Float]) {
      (self.name, type, self.shape, content) = (name, .f32, shape, .floats(floats))
    }

    /// Little-endian, row-major.
    public var bytes: [UInt8] { withBytes { [UInt8]($0) } }
    public var byteCount: Int { withBytes(\.count) }

    /// The values, where they are F32.
    public var floats: [Float]? {
      if case .floats(let floats) = content { return floats }
      return type == .f32 ? values(of: Float.self) : nil
    }
    /// The values, where they are F64.
    public var doubles: [Double]? { type == .f64 ? values(of: Double.self) : nil }
    /// The values, where they are I64.
    public var int64s: [Int64]? { type == .i64 ? values(of: Int64.self) : nil }
    /// The values, where they are U64.
    public var uint64s: [UInt64]? { type == .u64 ? values(of: UInt64.self) : nil }

    private func values<Value: BitwiseCopyable>(of: Value.Type) -> [Value] {
      LittleEndian.values(bytes[...])
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      switch content {
      case .bytes(let bytes): bytes.withUnsafeBytes(body)
      case .floats(let floats): floats.withUnsafeBytes(body)
      }
    }

    func append(to writer: AtomicFileWriter) throws(FileProblem) {
      switch content {
      case .bytes(let bytes): try writer.append(bytes)
      case .floats(let floats): try writer.appendMemory(of: floats)
      }
    }
  }

  /// Free text that travels with the file (`__metadata__`).
  public var metadata: [String: String]
  public private(set) var tensors: [Tensor] = []
  private var places: [String: Int] = [:]

  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  public subscript(name: String) -> Tensor? { places[name].map { tensors[$0] } }

  public mutating func add(_ tensor: Tensor) {
    precondition(
      tensor.name != Self.metadataKey && places[tensor.name] == nil,
      "the name '\(tensor.name)' is taken")
    precondition(
      checkedProduct(tensor.shape + [tensor.type.size]) == tensor.byteCount,
      "'\(tensor.name)' has shape \(tensor.shape), which is not \(tensor.byteCount) bytes")
    places[tensor.name] = tensors.count
    tensors.append(tensor)
  }

  public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
    add(Tensor(name: name, shape: shape, floats: floats))
  }
  public mutating func add(_ name: String, shape: [Int], doubles: [Double]) {
    add(Tensor(name: name, type: .f64, shape: shape, bytes: LittleEndian.bytes(doubles)))
  }
  public mutating func add(_ name: String, shape: [Int], int64s: [Int64]) {
    add(Tensor(name: name, type: .i64, shape: shape, bytes: LittleEndian.bytes(int64s)))
  }
  public mutating func add(_ name: String, shape: [Int], uint64s: [UInt64]) {
    add(Tensor(name: name, type: .u64, shape: shape, bytes: LittleEndian.bytes(uint64s)))
  }
  public mutating func add(_ name: String, shape: [Int], uint8s: [UInt8]) {
    add(Tensor(name: name, type: .u8, shape: shape, bytes: uint8s))
  }

  static let metadataKey = "__metadata__"
}

extension Safetensors.Tensor: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    (a.name, a.type, a.shape) == (b.name, b.type, b.shape)
      && a.withBytes { first in b.withBytes { first.elementsEqual($0) } }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(type)
    hasher.combine(shape)
  }
}

/// Plain numbers to and from little-endian bytes. Every machine Swift runs on today is little-endian,
/// so this is a copy of memory.
enum LittleEndian {
  static func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] {
    values.withUnsafeBytes { [UInt8]($0) }
  }

  /// Bytes past the last whole value are left out.
  static func values<Value: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>) -> [Value] {
    let size = MemoryLayout<Value>.stride
    let count = bytes.count / size
    return [Value](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[..<(count * size)]))
      }
      filled = count
    }
  }
}

#if _endian(big)
  #error(
    "These file formats are little-endian: swap the bytes in LittleEndian and remove this line.")
#endif
