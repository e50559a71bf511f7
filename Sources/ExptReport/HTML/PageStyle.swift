/// How a report looks: light and dark by the reader's preference, narrow windows, print.
enum PageStyle {
  /// Colours that differ also for colour-blind readers.
  ///
  /// Source: Okabe & Ito, "Color Universal Design", 2008; the black replaced by a grey, and the
  /// yellow darkened, so that all show on white and on black.
  static let series = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#8a63d2", "#7f7f7f",
  ]
  /// For labels, of which there are often ten.
  static let labels = [
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
    "#bcbd22", "#17becf",
  ]

  /// From blue (0) to yellow (1), ever lighter: an order that colour-blind readers see too.
  ///
  /// Source: five colours after cividis (Nuñez, Anderton & Renslow, PLOS ONE 13(7), 2018), whose ends are
  /// drawn in so that all show on white and on black.
  static func ramp(_ share: Double) -> String {
    let stops: [(Double, Double, Double)] = [
      (31, 86, 150), (80, 105, 140), (128, 125, 120), (176, 156, 90), (206, 180, 40),
    ]
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    let rest = place - Double(low)
    func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * rest).rounded()) }
    let (a, b) = (stops[low], stops[low + 1])
    return "rgb(\(mix(a.0, b.0)),\(mix(a.1, b.1)),\(mix(a.2, b.2)))"
  }

  static let css: Markup = """
    :root { --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; --paper: #ffffff; --card: #f6f8fa;
      --warn: #8a4b00; --warnpaper: #fff4e0; --link: #0b5cad; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e4e8ed; --soft: #9aa5b1; --line: #333b45; --paper: #14181d; --card: #1c2229;
        --warn: #ffcf8a; --warnpaper: #3a2a10; --link: #7db7ff; } }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 72rem; background: var(--paper);
      color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-top: .6rem;
      border-top: 1px solid var(--line); }
    h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
    p { margin: .4rem 0; max-width: 65em; }
    .soft, figcaption { color: var(--soft); font-size: .87rem; }
    .wrapped { display: inline-block; min-width: 12rem; white-space: normal; }
    .path { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem;
      overflow-wrap: anywhere; }
    .warning { background: var(--warnpaper); color: var(--warn); border-left: 4px solid var(--warn);
      padding: .5rem .8rem; font-weight: 600; }
    ul.diagnosis { margin: .4rem 0; padding-left: 1.2rem; max-width: 65em; }
    .badge { display: inline-block; padding: 0 .55em; border: 1px solid var(--line);
      border-radius: 1em; font-size: .85rem; background: var(--card); }
    .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
      gap: .5rem 1.2rem; margin: .8rem 0; padding: 0; }
    .facts div { min-width: 0; overflow-wrap: anywhere; }
    .facts dt { color: var(--soft); font-size: .8rem; }
    .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
    .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr));
      gap: 1rem 1.5rem; align-items: start; }
    figure { margin: 0; min-width: 0; break-inside: avoid; }
    figure h3 { margin-top: .3rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .22rem .7rem .22rem 0; text-align: left; vertical-align: top;
      border-bottom: 1px solid var(--line); white-space: nowrap; }
    th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; }
    td.n, th.n { text-align: right; }
    td.wrap { white-space: normal; overflow-wrap: anywhere; }
    .legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .85rem; margin: .2rem 0; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    svg.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px;
      margin-right: .35em; vertical-align: -.05em; }
    svg.plane { max-width: 34rem; }
    svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
    svg .frame { stroke: var(--line); fill: none; }
    svg .axis { stroke: var(--soft); stroke-width: 1.2; }
    svg text.name { fill: var(--ink); }
    svg .gridline { stroke: var(--line); stroke-width: .6; }
    svg .cursor { stroke: var(--soft); stroke-dasharray: 2 2; visibility: hidden; }
    .prose { white-space: normal; min-width: 12rem; max-width: 32rem; }
    .formula { font-family: Georgia, "DejaVu Serif", serif; font-size: 1.05rem; overflow-wrap: anywhere; }
    .formula.soft { font-size: .98rem; }
    .diagram { max-width: 35rem; }
    .diagram svg text { font-size: 13px; } .diagram svg text.name { fill: var(--ink); font-weight: 600; }
    .diagram svg text.soft { font-size: 12px; }
    .diagram .box { fill: var(--card); stroke: var(--soft); }
    .diagram .end { fill: var(--paper); stroke: #0072b2; stroke-width: 1.5; }
    .diagram .arrow { fill: none; stroke: #0072b2; stroke-width: 1.4; } .diagram .tip { fill: #0072b2; }
    img.pixels { image-rendering: pixelated; max-width: 100%; height: auto; background: #000;
      display: block; }
    .rows { display: flex; gap: .6rem; align-items: stretch; max-width: 100%; }
    .rows ol { list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column;
      justify-content: space-around; font-size: .75rem; color: var(--soft); white-space: nowrap;
      font-variant-numeric: tabular-nums; }
    .rows img { min-width: 0; }
    .strip { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr; gap: .25rem .8rem;
      align-items: center; font-size: .87rem; }
    .strip > span { overflow-wrap: anywhere; }
    #tip { position: fixed; z-index: 9; pointer-events: none; background: var(--card);
      border: 1px solid var(--line); border-radius: 4px; padding: .25rem .5rem; font-size: .8rem;
      white-space: pre-wrap; max-width: calc(100vw - 8px); visibility: hidden; font-variant-numeric: tabular-nums; }
    details > summary { cursor: pointer; color: var(--link); }
    a { color: var(--link); }
    @media (max-width: 40rem) { body { font-size: 14px; }
      .strip { grid-template-columns: 1fr; } h1 { font-size: 1.3rem; } }
    @media print { body { max-width: none; padding: 0; font-size: 10pt; }
      :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --card: #fff;
        --warn: #000; --warnpaper: #fff; }
      h2 { break-after: avoid; } details > *:not(summary) { display: block; }
      details::details-content { display: block; content-visibility: visible; }
      .scroll { overflow: visible; } table { font-size: 8pt; } th, td { padding-right: .5rem; }
      tr { break-inside: avoid; } img.pixels { background: none; }
      .grid { grid-template-columns: 1fr 1fr; } }
    """
}
