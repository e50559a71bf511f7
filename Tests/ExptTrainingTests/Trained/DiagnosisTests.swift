import Testing

@testable import ExptTraining

@Suite("The diagnosis of a run")
struct DiagnosisTests {
  @Test func `sharp posteriors are no trouble, points and noise are`() {
    #expect(Diagnosis.saturation([Float](repeating: -12, count: 100)) == nil)
    #expect(Diagnosis.saturation([Float](repeating: 0, count: 99) + [-21]) == nil)  // one in 100
    #expect(Diagnosis.saturation([]) == nil)
    let points = Diagnosis.saturation([Float](repeating: 0, count: 98) + [-21, -40])
    #expect(points?.hasPrefix("2.0 % of the posterior variances are saturated") == true)
    #expect(Diagnosis.saturation([6, 0])?.hasPrefix("50.0 %") == true)
    #expect(Diagnosis.saturation([.nan, 0])?.hasPrefix("50.0 %") == true)
  }
}
