import ExptReport

/// The files of the page, all of them: what is not in this list cannot be asked for.
///
/// They lie in `Page/` and are part of the program; style and charts come from the reports.
enum PageFiles {
  static func answer(_ name: String) -> Answer? {
    switch name {
    case "report.css": file(PageParts.style, "text/css")
    case "charts.js": file(PageParts.script, "text/javascript")
    default: all[name].map { Answer(type: type(of: name), body: $0) }
    }
  }

  static var start: Answer {
    Answer(type: "text/html; charset=utf-8", body: PackageResources.index_html)
  }

  private static let all: [String: [UInt8]] = [
    "page.css": PackageResources.page_css,
    "main.js": PackageResources.main_js,
    "server.js": PackageResources.server_js,
    "state.js": PackageResources.state_js,
    "table.js": PackageResources.table_js,
    "curves.js": PackageResources.curves_js,
    "pictures.js": PackageResources.pictures_js,
    "run.js": PackageResources.run_js,
    "sweep.js": PackageResources.sweep_js,
    "explorer.js": PackageResources.explorer_js,
    "plane.js": PackageResources.plane_js,
    "sliders.js": PackageResources.sliders_js,
    "own.js": PackageResources.own_js,
    "build.js": PackageResources.build_js,
    "walks.js": PackageResources.walks_js,
    "icon.svg": PackageResources.icon_svg,
  ]

  private static func type(of name: String) -> String {
    if name.hasSuffix(".svg") { return "image/svg+xml" }
    return name.hasSuffix(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"
  }

  private static func file(_ text: String, _ type: String) -> Answer {
    Answer(type: "\(type); charset=utf-8", body: Array(text.utf8))
  }
}
