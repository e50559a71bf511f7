import ExptFiles
import ExptRunFolder

/// The parts of a page about one run.
struct RunSections: Sendable {
  let run: RunMetrics
  private let pictures: RunPictures
  private let latents: RunLatents?
  private let usage: RunUsage?
  private var record: RunRecord { run.run }

  init(_ run: RunMetrics) {
    self.run = run
    pictures = RunPictures(run: run.run)
    latents = RunLatents(run.run.folder)
    usage = RunUsage(run.run.folder, pictures)
  }

  var body: Markup {
    """
    \(heading)
    \(Page.warnings(warnings))
    \(facts)
    \(Page.section("Diagnosis", diagnosis))
    \(Page.section("Curves", curves))
    \(Page.section("Model", model))
    \(Page.section(usage?.title ?? "", usage?.body))
    \(Page.section("Latent space", usage?.isOfCodes == true ? nil : latentSpace))
    \(Page.section("Reconstructions and samples", images))
    \(Page.section("Settings", settings))
    \(Page.section("Machine", machine))
    """
  }

  private var warnings: [String] {
    Comparability.substitutions([record]).map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
      + [record.problem, run.problem].compactMap { $0 }
      + (record.manifest?.failure.map { ["The run failed: \($0)"] } ?? [])
  }

  // MARK: The head

  private var heading: Markup {
    """
    <h1>\(record.name) <span class="badge">\(record.state.rawValue)</span></h1>
    <p class="path">\(record.path)</p>
    """
  }

  private var facts: Markup {
    guard let manifest = record.manifest else { return .nothing }
    var facts: [(String, String)] = [
      ("Model", manifest.model), ("Likelihood", manifest.likelihood),
      ("Data", dataText(manifest)), ("Parameters", Words.grouped(manifest.parameterCount)),
      ("Epochs", epochs), ("Training time", Words.duration(manifest.secondsTrained)),
      ("Seed", "\(manifest.seed)"), ("Started", manifest.created.iso8601),
    ]
    if let metric = Metric.main(of: run.table.columns) {
      if let best = run.best(metric) {
        let text = "\(Words.metric(best.value)) (epoch \(best.epoch))"
        facts.append(("Best \(Self.words(metric))", text))
      }
      if let last = run.last(metric) {
        facts.append(("Last \(Self.words(metric))", Words.metric(last.value)))
      }
    }
    if let bits = bitsPerDimension(manifest) {
      facts.append(("Bits per dimension", "\(Words.fixed(bits, 3)) at most, after the last epoch"))
    }
    return """
      <dl class="facts">\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" as Markup })</dl>
      """
  }

  /// The negative ELBO of the last epoch in bits for each number of an 8-bit image, of which the likelihood
  /// gives the probability; nil for others.
  private func bitsPerDimension(_ manifest: Manifest) -> Double? {
    guard manifest.measure == "probability", manifest.levels == 255 else { return nil }
    let split = run.last("validation_loss") == nil ? "train" : "validation"
    guard let reconstruction = run.last("\(split)_reconstruction"), let kl = run.last("\(split)_kl")
    else { return nil }
    let count = manifest.dataset.shape.reduce(1, *)
    return (reconstruction.value + kl.value) / (Double(max(1, count)) * 0.693147180559945309)
  }

  private var epochs: String {
    record.epochsPlanned.map { "\(record.epochsDone) of \($0)" } ?? "\(record.epochsDone)"
  }

  private func dataText(_ manifest: Manifest) -> String {
    let data = manifest.dataset
    return "\(data.name), \(data.shape.map(String.init).joined(separator: "×")), "
      + "\(Words.grouped(data.training)) to train on, \(Words.grouped(data.validation)) held out"
  }

  private var diagnosis: Markup? {
    let sentences = record.manifest?.diagnosis ?? []
    guard !sentences.isEmpty else { return nil }
    return "<ul class=\"diagnosis\">\(sentences.map { "<li>\($0)</li>" as Markup })</ul>"
  }

  private var model: Markup? {
    record.folder.explanation.map { ExplanationSection(explanation: $0).markup }
  }

  // MARK: Curves

  private var curves: Markup? {
    var charts: [LineChart] = []
    let parts = [
      ("loss", "Loss"), ("loss_at_target", "Loss at the schedules' targets"),
      ("reconstruction", "Reconstruction"), ("kl", "KL"),
    ]
    for (part, title) in parts {
      let series = ["train", "validation"].enumerated().compactMap { place, split in
        self.series("\(split)_\(part)", name: split == "train" ? "training" : split, place)
      }
      // What is no logarithm of a probability or density has no unit.
      let unit = record.manifest?.measure == "loss" && part != "kl" ? "" : "nats"
      if !series.isEmpty { charts.append(LineChart(title: title, unit: unit, series: series)) }
    }
    charts += otherTerms(than: parts.map(\.0)).compactMap { column in
      let both = ["train", "validation"].enumerated().compactMap { place, split in
        series("\(split)_\(column)", name: split == "train" ? "training" : split, place)
      }
      return both.isEmpty ? nil : LineChart(title: Self.title(column), unit: "", series: both)
    }
    charts += evaluations
    var constants: [String] = []
    for column in scalars {
      let title = Self.title(column)
      guard let one = series(column, name: title, 2) else { continue }
      let values = one.points.map(\.y)
      if let value = values.first, values.allSatisfy({ $0 == value }) {
        constants.append("\(title) was \(Words.significant(value, 4)) throughout.")
        continue
      }
      let isWide = (values.min() ?? 0) > 0 && (values.max() ?? 0) > 30 * (values.min() ?? 0)
      charts.append(LineChart(title: title, unit: "", series: [one], isLogarithmic: isWide))
    }
    let drawn = charts.compactMap(\.markup)
    guard !drawn.isEmpty else { return "<p class=\"soft\">No epoch has finished yet.</p>" }
    return grid(drawn) + "<p class=\"soft\">\(constants.joined(separator: " "))</p>"
  }

  /// What else a model has columns of: `train_tc`, `validation_perplexity_2`.
  private func otherTerms(than shown: [String]) -> [String] {
    var terms: [String] = []
    for column in run.table.columns {
      for prefix in ["train_", "validation_"] where column.hasPrefix(prefix) {
        let term = String(column.dropFirst(prefix.count))
        if !shown.contains(term), term != "negative_elbo", !terms.contains(term) {
          terms.append(term)
        }
      }
    }
    return terms
  }

  /// What is the same for training and validation: weights, temperatures, the learning rate.
  private var scalars: [String] {
    run.table.columns.filter { column in
      !Metric.isPosition(column) && !column.hasPrefix(RunEvaluations.prefix)
        && !["train_", "validation_"].contains { column.hasPrefix($0) }
    }
  }

  /// What evaluators found in more than one epoch.
  private var evaluations: [LineChart] {
    run.table.columns.filter { $0.hasPrefix(RunEvaluations.prefix) }.compactMap { column in
      let points = run.columnPoints(column).filter { $0.y.isFinite }
      guard points.count > 1 else { return nil }
      let name = String(column.dropFirst(RunEvaluations.prefix.count))
      return LineChart(
        title: Self.words(name), unit: "",
        series: [
          LineChart.Series(
            name: "validation", colour: PageStyle.series[1],
            points: points.map { LineChart.Point(x: $0.x, y: $0.y) })
        ])
    }
  }

  /// `Perplexity of the codes of level 2`, and what has no title of its own in its own words.
  private static func title(_ column: String) -> String {
    let titles = [
      "perplexity": "Perplexity of the codes", "usage": "Share of codes in use",
      "l0": "Latents that are on", "dead": "Latents that are never on",
      "explained_variance": "Explained variance", "beta": "β", "learning_rate": "Learning rate",
      "tc": "Total correlation", "mi": "Mutual information", "dwkl": "Dimension-wise KL",
      "mmd": "MMD²", "sw2": "Sliced W₂²",
    ]
    if let title = titles[column] { return title }
    let parts = column.split(separator: "_")
    if let level = parts.last.flatMap({ Int($0) }),
      let title = titles[parts.dropLast().joined(separator: "_")]
    {
      return "\(title) of level \(level)"
    }
    return words(column)
  }

  private func series(_ column: String, name: String, _ colour: Int) -> LineChart.Series? {
    let points = run.columnPoints(column).map { LineChart.Point(x: $0.x, y: $0.y) }
    guard points.contains(where: { $0.y.isFinite }) else { return nil }
    return LineChart.Series(name: name, colour: PageStyle.series[colour], points: points)
  }

  private func grid(_ parts: [Markup]) -> Markup { "<div class=\"grid\">\(parts)</div>" }

  // MARK: Latents

  private var latentSpace: Markup? {
    let advice: Markup = """
      <p class="soft">This folder has no summary of the latents (it is written when training ends, \
      unless outputs.summary is false). <code>expt traverse \(record.path)</code> and \
      <code>expt encode \(record.path)</code> make one from the checkpoint.</p>
      """
    guard let latents else { return traversals(nil) + advice }
    return grid([bars(latents), scatter(latents)].compactMap { $0 }) + traversals(latents)
      + components(latents)
  }

  /// Of a prior that is a mixture.
  private func components(_ latents: RunLatents) -> Markup {
    let drawn = latents.drawn
    guard drawn.sources || drawn.means, let found = pictures.newest("components") else {
      return .nothing
    }
    let image = Picture.img(found.picture, alt: "Components of the prior", widest: 760)
    let count = latents.shares.count
    let which =
      count > 32 ? "The 32 of \(Words.grouped(count)) that most latents belong to" : "All \(count)"
    let what =
      drawn.sources && drawn.means
      ? "pseudo-inputs above, their decoded posterior means below"
      : drawn.sources ? "pseudo-inputs" : "their decoded means"
    return """
      <figure><h3>\(drawn.sources ? "Pseudo-inputs" : "Components") of the prior</h3>\(image)\
      <figcaption>\(which), the most used first: \(what).</figcaption></figure>
      """
  }

  private func bars(_ latents: RunLatents) -> Markup? {
    let bars = latents.weight.enumerated().map { (number: $0, value: $1) }
      .sorted { ($1.value, $0.number) < ($0.value, $1.number) }
    return BarChart(
      title: latents.isKL ? "KL of each dimension" : "Variance of each code dimension",
      unit: latents.isKL ? "nats" : "", bars: bars, threshold: 0.01
    ).markup
  }

  private func scatter(_ latents: RunLatents) -> Markup? {
    guard
      let components = PrincipalComponents(
        latents.mean, count: latents.count, width: latents.latent)
    else { return nil }
    func axis(_ number: Int, _ share: Double) -> String {
      "principal component \(number) (\(Words.fixed(100 * share, 0)) % of the variance)"
    }
    let what = latents.isKL ? "Posterior means" : "Codes"
    return ScatterPlot(
      title: "\(what) of held-out images",
      axes: (axis(1, components.shares.0), axis(2, components.shares.1)),
      points: components.points, labels: latents.labels,
      caption: "\(Words.grouped(latents.count)) images"
        + (latents.labels == nil ? "." : ", coloured by label.")
    ).markup
  }

  private func traversals(_ latents: RunLatents?) -> Markup {
    guard let found = pictures.newest("traversals") else { return .nothing }
    let numbers = latents?.traversed ?? []
    let labels = numbers.enumerated().map { place, number -> Markup in
      // A sphere has a row for each axis, and one KL.
      let axis = numbers[..<place].count { $0 == number } + 1
      if numbers.count(where: { $0 == number }) > 1, axis > 1 { return "<li>axis \(axis)</li>" }
      let weight = latents.map { $0.weight.indices.contains(number) ? $0.weight[number] : 0 } ?? 0
      let unit = latents?.isKL == true ? " nats" : ""
      return "<li>\(number): \(Words.fixed(weight, 2))\(unit)</li>"
    }
    let image = Picture.img(found.picture, alt: "Latent traversals", widest: 760)
    let how =
      "Each row varies one latent dimension and keeps the others fixed; the most informative "
      + "dimension is at the top. From −3 to 3 standard deviations"
      + (latents?.isStandard == false ? " of the latents." : " of the prior.")
      + (latents?.isNumbers == false
        ? " A choice takes each of its values, a switch 0 and 1; on a sphere a row leads from 90° "
          + "behind the latent to 90° towards an axis."
        : "")
    return """
      <figure><h3>Traversals</h3><div class="rows"><ol>\(labels)</ol>\(image)</div>
      <figcaption>\(how)</figcaption></figure>
      """
  }

  // MARK: Pictures

  private var images: Markup? {
    var parts: [Markup] = []
    if let found = pictures.newest("reconstructions") {
      let when = found.stage.map { ", \($0)" } ?? ""
      parts.append(
        """
        <figure><h3>Reconstructions\(when)</h3>\
        \(Picture.img(found.picture, alt: "Held-out images and their reconstructions"))\
        <figcaption>Pairs of rows: held-out images above, their reconstructions below.</figcaption></figure>
        """)
    }
    if let found = pictures.newest("samples") {
      let when = found.stage.map { ", \($0)" } ?? ""
      parts.append(
        """
        <figure><h3>Samples\(when)</h3>\
        \(Picture.img(found.picture, alt: "Samples from the prior", widest: 480))\
        <figcaption>Decoded from draws of the prior.</figcaption></figure>
        """)
    }
    guard !parts.isEmpty else {
      return """
        <p class="soft">This folder has no pictures. <code>expt reconstruct \(record.path)</code> and \
        <code>expt sample \(record.path)</code> make some.</p>
        """
    }
    return parts.joined()
  }

  // MARK: Settings and machine

  private var settings: Markup? {
    let rows = record.settings.all.map { setting -> [Markup] in
      ["\(setting.key)", "\(setting.value.description)", "\(setting.origin ?? "not recorded")"]
    }
    return rows.isEmpty ? nil : Page.table(["setting", "value", "from"], rows)
  }

  private var machine: Markup? {
    guard let manifest = record.manifest else { return nil }
    let timing = (try? record.timing())?["images_per_second"]?.filter(\.isFinite) ?? []
    let fastest = timing.sorted().last
    let rows: [(String, String)] = [
      ("host", manifest.machine.host), ("processor", manifest.machine.processor),
      ("system", manifest.machine.system),
      ("threads", "\(manifest.threads), \(manifest.instructionSet), \(manifest.precision)"),
      (
        "speed",
        fastest.map { "\(Words.grouped(Int(nearest: $0))) images/s in the fastest epoch" } ?? "–"
      ),
      ("expt", manifest.versions.expt), ("data fingerprint", manifest.dataset.fingerprint),
      ("resumed", manifest.resumptions.isEmpty ? "never" : "\(manifest.resumptions.count) times"),
    ]
    return Page.table(["", ""], rows.map { ["\($0.0)", "\($0.1)"] })
  }

  // MARK: Words

  /// `validation loss`.
  static func words(_ metric: String) -> String {
    String(metric.map { $0 == "_" ? " " : $0 })
  }
}
