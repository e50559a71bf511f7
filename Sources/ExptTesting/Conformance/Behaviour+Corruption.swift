import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ corruption: any Corruption) {
    func corrupt(_ conditions: Probe.Conditions) -> Probe {
      Probe([Probe.images], conditions) { graph, inputs in
        let corrupted = corruption.corrupt(
          inputs[0], in: Probe.scope(graph).child("corruption"))
        return Probe.Recorded(loss: nil, outputs: [("corrupted", corrupted)])
      }
    }
    let probe = probe("the corruption", corrupt)
    for output in probe?.outputs ?? [] {
      expect(
        output.shape == Probe.images.shape,
        "images \(Probe.images.shape) become \(output.shape)")
      expect(output.values != Probe.images.values, "it leaves images as they are")
    }
    let next = corrupt(Probe.Conditions(position: 1))
    expect(
      next["corrupted"] != probe?["corrupted"], "it draws the same noise for every batch")
  }
}
