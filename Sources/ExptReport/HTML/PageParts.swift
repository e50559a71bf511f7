/// What other pages share with reports: the look, and the script of the charts.
public enum PageParts {
  /// CSS with the colours of light and dark as custom properties.
  public static var style: String { PageStyle.css.html }
  /// JavaScript that defines `exptCharts`; see `PageScript`.
  public static var script: String { PageScript.hover.html }
}
