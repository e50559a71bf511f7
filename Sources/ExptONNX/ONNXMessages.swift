import ExptFiles

// The messages of the ONNX format that an exported model is made of, with the fields it needs.
// Source: onnx/onnx.proto (ONNX 1.12, IR version 8).

/// A list of numbers that the model carries with it.
struct ONNXTensor {
  enum Values {
    case floats([Float])
    case integers([Int])
  }

  // Numbers of element types.
  static let floatType = 1
  static let integerType = 7

  var name: String
  var shape: [Int]
  var values: Values

  var message: ProtobufMessage {
    var message = ProtobufMessage()
    for size in shape { message.add(1, size) }
    switch values {
    case .floats(let floats):
      message.add(2, Self.floatType)
      message.add(8, name)
      message.add(9, floats.flatMap { littleEndianBytes($0.bitPattern) })
    case .integers(let integers):
      message.add(2, Self.integerType)
      message.add(8, name)
      message.add(9, integers.flatMap { littleEndianBytes(UInt64(bitPattern: Int64($0))) })
    }
    return message
  }

  private func littleEndianBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }
}

/// A setting of a node.
enum ONNXAttribute {
  case integer(Int)
  case integers([Int])
  case float(Float)
  case text(String)

  func message(name: String) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    switch self {
    case .float(let value):
      message.add(2, value)
      message.add(20, 1)
    case .integer(let value):
      message.add(3, value)
      message.add(20, 2)
    case .text(let value):
      message.add(4, value)
      message.add(20, 3)
    case .integers(let values):
      for value in values { message.add(8, value) }
      message.add(20, 7)
    }
    return message
  }
}

/// An operator applied to named values.
struct ONNXNode {
  var name: String
  var type: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [(name: String, value: ONNXAttribute)] = []

  var message: ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.add(1, input) }
    for output in outputs { message.add(2, output) }
    message.add(3, name)
    message.add(4, type)
    for attribute in attributes { message.add(5, attribute.value.message(name: attribute.name)) }
    return message
  }
}

/// An input or output: `batch` by the rest of its shape.
struct ONNXValue {
  var name: String
  var example: [Int]

  var message: ProtobufMessage {
    var shape = ProtobufMessage()
    var batch = ProtobufMessage()
    batch.add(2, "batch")
    shape.add(1, batch)
    for size in example {
      var dimension = ProtobufMessage()
      dimension.add(1, size)
      shape.add(1, dimension)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, ONNXTensor.floatType)
    tensor.add(2, shape)
    var type = ProtobufMessage()
    type.add(1, tensor)
    var message = ProtobufMessage()
    message.add(1, name)
    message.add(2, type)
    return message
  }
}
