import ExptFiles
public import ExptTensor

/// A part of a trained model, an encoder or a decoder, in the ONNX format.
///
/// The batch may have any size. Numbers are Float32; operators are those of opset 17.
///
/// Source: https://onnx.ai/onnx/repo-docs/IR.html and Operators.html.
public struct ONNXModel {
  public static let opset = 17
  static let irVersion = 8

  /// `encoder`.
  public var name: String
  /// What the inputs and outputs mean, in a sentence or two.
  public var summary: String
  /// The version of this program.
  public var version: String
  /// Facts for programs, by name.
  public var metadata: [(name: String, value: String)]
  var inputs: [ONNXValue]
  var outputs: [ONNXValue]
  var nodes: [ONNXNode]
  var tensors: [ONNXTensor]

  /// Writes down how a graph's outputs follow from its inputs.
  ///
  /// - Parameters:
  ///   - record: Records the part for this many examples, in a graph for evaluation. It is called
  ///     twice, to tell sizes that follow the batch from those that do not.
  ///   - store: The parameters' values.
  ///   - inputNames: What inputs of the graph are called in the file, where that is another name.
  /// - Throws: `ONNXProblem` if the part has an operation that we have no words for, or a size that
  ///   follows the batch in a way of its own.
  public init(
    name: String, summary: String, version: String, metadata: [(name: String, value: String)],
    store: ParameterStore, inputNames: [String: String] = [:],
    record: (_ batch: Int) -> [(name: String, tensor: Tensor)]
  ) throws(ONNXProblem) {
    self.name = name
    self.summary = summary
    self.version = version
    self.metadata = metadata
    var writer = try ONNXWriter(record(2), record(3), store: store, inputNames: inputNames)
    try writer.write()
    inputs = writer.inputs
    outputs = writer.outputs
    nodes = writer.nodes
    tensors = writer.tensors
  }

  /// The content of an `.onnx` file.
  public var bytes: [UInt8] {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node.message) }
    graph.add(2, name)
    for tensor in tensors { graph.add(5, tensor.message) }
    for value in inputs { graph.add(11, value.message) }
    for value in outputs { graph.add(12, value.message) }

    var opset = ProtobufMessage()
    opset.add(1, "")
    opset.add(2, Self.opset)

    var model = ProtobufMessage()
    model.add(1, Self.irVersion)
    model.add(2, "expt")
    model.add(3, version)
    model.add(6, summary)
    model.add(7, graph)
    model.add(8, opset)
    for fact in metadata {
      var entry = ProtobufMessage()
      entry.add(1, fact.name)
      entry.add(2, fact.value)
      model.add(14, entry)
    }
    return model.bytes
  }
}

/// Why a model cannot be written in the ONNX format, in a sentence.
public struct ONNXProblem: Error, Sendable, Hashable {
  public let message: String
}
