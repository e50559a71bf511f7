import ExptBuiltins
import ExptComponents
import ExptDocument

/// Reads an architecture, a layer or a likelihood as an experiment file would name it.
func network<Value>(_ role: Role<Value>, _ text: String) throws(Diagnostics) -> Value {
  let document = try Document.parse("component: \(text)", file: "test.yaml")
  let reader = SettingsReader(catalog: try Catalog(Catalog.networks))
  let node = document.root["component"] ?? document.root
  let component = reader.component(role, from: node, path: NodePath())
  guard let component else { throw reader.diagnostics }
  return component
}

extension Catalog {
  fileprivate static let networks: [any Component.Type] = [
    MLP.self, Conv.self, LayerList.self, MirrorDecoder.self,
    LinearLayer.self, ConvLayer.self, ConvTransposeLayer.self, BatchNormLayer.self,
    LayerNormLayer.self, DropoutLayer.self, FlattenLayer.self, ReshapeLayer.self,
    UpsampleLayer.self, ResidualLayer.self, ReLULayer.self, LeakyReLULayer.self, ELULayer.self,
    GELULayer.self, SiLULayer.self, TanhLayer.self, SigmoidLayer.self, SoftplusLayer.self,
    Bernoulli.self, ContinuousBernoulli.self, Gaussian.self, Laplace.self,
    DiscretizedLogistic.self, GaussianCorruption.self, MaskingCorruption.self,
  ]
}
