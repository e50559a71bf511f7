import ExptComponents
import ExptInference
public import ExptTensor

/// What an experiment would build: layers, shapes, parameters and memory, with nothing allocated.
public struct Blueprint {
  /// `[channels, height, width]`.
  public let image: Shape
  public let layers: [LayerSummary]
  /// Trainable numbers.
  public let parameterCount: Int
  /// Bytes for parameters, gradients and the optimizer's arrays.
  public let parameterBytes: Int
  /// Where a batch of the experiment's size cannot be normalised: see `Graph.loneBatchNorms`.
  let loneBatchNorms: [String]
  /// Bytes of working memory for a training step.
  public let stepBytes: Int

  /// Multiply-adds of a step for one image, forward, in products and convolutions.
  public let multiplyAddsPerImage: Int

  let recording: Recording

  /// - Throws: `BuildProblem` if the model does not fit, `DataProblem` if the images' shape
  ///   cannot be found out, or where there are too few images to divide as asked.
  init(
    _ experiment: Experiment, environment: DataEnvironment, judges: Bool = true
  ) throws {
    image = try experiment.dataset.shapeOrFallback(environment)
    let training = try experiment.dataset.trainingCount(environment)
    let annotations =
      experiment.model.needsAnnotations
      ? try experiment.dataset.annotationFactsOrFallback(environment) : AnnotationFacts()
    let table = try experiment.dataset.tableOrFallback(environment)
    recording = try Recording(
      experiment, image: image, annotations: annotations, training: training, table: table,
      judges: judges)
    let step = recording.step
    layers = step.graph.layers
    multiplyAddsPerImage = step.graph.multiplyAdds / max(1, experiment.training.batchSize)
    loneBatchNorms = step.graph.loneBatchNorms
    parameterCount = recording.parameters.trainableCount
    let arrays =
      2 + experiment.optimizer.slots.count + (experiment.training.accumulate > 1 ? 1 : 0)
      + (experiment.training.ema == nil ? 0 : 1)
    parameterBytes = parameterCount * arrays * MemoryLayout<Float>.stride
    stepBytes = Plan.workingBytes(
      step.graph, loss: step.objective,
      outputs: step.columns.map(\.value) + step.terms.tallies.map(\.sums))
  }
}

extension Dataset {
  /// The shape of the dataset's images, or its fallback's if it is missing.
  func shapeOrFallback(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    do { return try imageShape(environment) } catch {
      guard error.kind == .missing, let fallback = split.fallback else { throw error }
      return try fallback.imageShape(environment)
    }
  }

  /// What the columns of its table are, or of its fallback's if it is missing.
  func tableOrFallback(_ environment: DataEnvironment) throws(DataProblem) -> TableColumns? {
    do { return try table(environment) } catch {
      guard error.kind == .missing, let fallback = split.fallback else { throw error }
      return try fallback.table(environment)
    }
  }

  /// What is known about the images, or of its fallback's if it is missing.
  func annotationFactsOrFallback(_ environment: DataEnvironment) throws(DataProblem)
    -> AnnotationFacts
  {
    do { return try annotationFacts(environment) } catch {
      guard error.kind == .missing, let fallback = split.fallback else { throw error }
      return try fallback.annotationFacts(environment)
    }
  }

  /// How many images there are to train on; nil where only loading them tells.
  ///
  /// - Throws: `DataProblem` where there are too few to divide as asked.
  fileprivate func trainingCount(_ environment: DataEnvironment) throws(DataProblem) -> Int? {
    // How many images a class has, only loading them tells.
    guard split.leaveOut.isEmpty else { return nil }
    do {
      guard let counts = try counts(environment) else { return nil }
      return try split.divide(counts).train.count
    } catch {
      guard error.kind == .missing, let fallback = split.fallback else { throw error }
      guard let counts = try fallback.counts(environment) else { return nil }
      return try LoadedDataset.merged(self, fallback).divide(counts).train.count
    }
  }
}
